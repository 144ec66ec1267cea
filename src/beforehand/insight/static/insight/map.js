// What is chosen on the map is marked: the bar, and the flows that begin or end there.
const map = document.querySelector(".map");

map?.addEventListener("click", (event) => {
  const node = event.target.closest(".node[data-name]");
  if (!node) return;
  map.querySelectorAll(".sel").forEach((other) => other.classList.remove("sel"));
  node.classList.add("sel");
  map.querySelectorAll("[data-from]").forEach((flow) => {
    const on = flow.dataset.from === node.dataset.name || flow.dataset.to === node.dataset.name;
    flow.querySelector("path").classList.toggle("on", on);
  });
});
