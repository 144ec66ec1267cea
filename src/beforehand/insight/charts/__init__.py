"""Charts as geometry: numbers in, coordinates and paths out. Small templates in templates/insight/charts draw them.

Colours are classes, geometry stands in SVG attributes, and every chart is drawn at the width that it is shown at, so
that no text is scaled and one drawing serves both themes.
"""
