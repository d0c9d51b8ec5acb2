"use strict";
// What several pages share. Every page works without it.
document.documentElement.classList.add("js");

// Forms that are sent as soon as a choice is made.
for (const form of document.querySelectorAll("form[data-auto]"))
  form.addEventListener("change", () => form.requestSubmit());

// On a narrow screen what is found comes first.
if (matchMedia("(max-width: 59.99rem)").matches)
  for (const box of document.querySelectorAll(".facet-box")) box.open = false;

// Keys that follow a link or press a button: <a data-key="r">. Not while somebody writes.
const writes = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
  const wanted = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === event.key && e.offsetParent);
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
});

// Files dropped on a form go into its field.
for (const zone of document.querySelectorAll("[data-drop]")) {
  const field = zone.querySelector("input[type=file]");
  const named = zone.querySelector("[data-files]");
  const tell = () => { named.textContent = [...field.files].map((file) => file.name).join(", "); };
  field.addEventListener("change", tell);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    field.files = event.dataTransfer.files;
    tell();
  });
}

// A page that shows work in progress looks again by itself, in place.
const working = document.querySelector("[data-working]");
if (working) {
  let wait = 700;
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = fresh.querySelector("#work");
      const here = document.querySelector("#work");
      if (now && here && now.innerHTML !== here.innerHTML) here.replaceChildren(...now.childNodes);
      const to = fresh.querySelector("[data-done]");
      if (to && to.dataset.done) { location.replace(to.dataset.done); return; }
      if (!fresh.querySelector("[data-working]")) { document.title = fresh.title; return; }
    } catch { /* the server may be starting again: look later */ }
    wait = Math.min(5000, wait * 1.25);
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
}
