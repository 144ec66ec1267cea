"""The shell: layout, navigation, the design system and the home board. It knows the rooms by URL name."""
