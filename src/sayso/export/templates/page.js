"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const card = document.getElementById("card");
  const roles = ["source", "cue", "condition", "horizon", "certainty"];
  const names = { source: "source", cue: "cue", condition: "if", horizon: "when", certainty: "how sure" };
  const entries = new Map();
  for (const entry of document.querySelectorAll(".entry")) entries.set(entry.dataset.number, entry);
  const marked = [...document.querySelectorAll("[data-at]")];
  const pieces = new Map(); // claim number -> [[role, element], …]
  for (const element of marked) {
    for (const role of ["content", ...roles]) {
      for (const number of (element.dataset[role] || "").split(" ")) {
        if (!number) continue;
        if (!pieces.has(number)) pieces.set(number, []);
        pieces.get(number).push([role, element]);
      }
    }
  }
  // The claims that a place belongs to: those over it, and those that have a part of theirs there.
  const claimsAt = (element) => `${element.dataset.content || ""} ${element.dataset.apart || ""}`.trim().split(/ +/);
  const narrow = matchMedia("(max-width: 47.99rem)");
  let shown = null; // the number of the claim whose parts are shown
  let pinned = false;

  function clear() {
    for (const [role, element] of pieces.get(shown) || []) {
      element.classList.remove("on", "is-" + role);
      delete element.dataset.role;
    }
    if (entries.has(shown)) entries.get(shown).classList.remove("on");
    shown = null;
  }

  function show(number) {
    if (shown === number) return;
    clear();
    shown = number;
    let last = null;
    for (const [role, element] of pieces.get(number) || []) {
      if (role === "content") { element.classList.add("on"); continue; }
      element.classList.add("is-" + role);
      if (last !== role && !element.dataset.role) element.dataset.role = names[role];
      last = role;
    }
    if (entries.has(number)) entries.get(number).classList.add("on");
  }

  function hide() {
    pinned = false;
    card.hidden = true;
    clear();
  }

  // The card stands below the claim's last line in this paragraph, or above its first where there is more room.
  function place(element) {
    if (narrow.matches) {
      // The card lies at the foot of the window: the words that were tapped stay above it.
      const hidden = element.getBoundingClientRect().bottom + 16 - (innerHeight - card.offsetHeight);
      if (hidden > 0) scrollBy({ top: hidden });
      return;
    }
    const paragraph = element.parentElement;
    const claim = (pieces.get(shown) || []).filter(([role, e]) => role === "content" && e.parentElement === paragraph);
    const boxes = [...element.getClientRects(), ...claim.flatMap(([, e]) => [...e.getClientRects()])];
    const first = element.getClientRects()[0] || paragraph.getBoundingClientRect();
    const top = Math.min(first.top, ...boxes.map((box) => box.top));
    const bottom = Math.max(first.bottom, ...boxes.map((box) => box.bottom));
    const below = bottom + 10 + card.offsetHeight <= innerHeight || top < card.offsetHeight + 24;
    card.style.left = Math.max(16, Math.min(first.left, root.clientWidth - card.offsetWidth - 16)) + scrollX + "px";
    card.style.top = (below ? bottom + 10 : top - card.offsetHeight - 16) + scrollY + "px";
  }

  function open(element, number) {
    const over = claimsAt(element);
    show(number || over[0]);
    card.replaceChildren(...over.filter((n) => entries.has(n)).map((n) => {
      const entry = entries.get(n);
      const copy = document.createElement("div");
      copy.className = "said " + entry.dataset.kind;
      copy.append(...entry.cloneNode(true).childNodes);
      return copy;
    }));
    card.hidden = false;
    place(element);
  }

  let waiting = 0;
  const markOf = (event) => event.target.closest && event.target.closest(".m:not(.off)");
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch" || pinned) return;
    const mark = markOf(event);
    clearTimeout(waiting);
    const entry = event.target.closest(".entry");
    if (mark) waiting = setTimeout(() => open(mark), 60);
    else if (entry) { card.hidden = true; show(entry.dataset.number); }
    else if (!event.target.closest(".card")) waiting = setTimeout(hide, 160);
  });
  document.addEventListener("focusin", (event) => {
    const mark = markOf(event);
    if (mark && mark.matches(":focus-visible")) open(mark);
    else if (!pinned && !event.target.closest(".card")) hide();
  });
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const mark = markOf(event);
    if (mark) {
      event.preventDefault();
      open(mark);
      pinned = true;
      const entry = entries.get(shown);
      const box = entry && entry.closest(".side, .claims");
      if (box && !narrow.matches && entry.offsetParent) entry.scrollIntoView({ block: "nearest" });
    } else if (!event.target.closest(".card")) hide();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  // A permalink shows its claim: the words in the text, and the card at them.
  function follow() {
    const anchor = decodeURIComponent(location.hash.slice(1));
    const place = anchor && document.getElementById(anchor);
    if (!place || !place.classList.contains("a")) return;
    const entry = document.getElementById("l" + anchor);
    const found = entry && (pieces.get(entry.dataset.number) || []).find(([role]) => role === "content");
    if (!found) return;
    found[1].scrollIntoView({ block: narrow.matches ? "start" : "center", behavior: "instant" });
    open(found[1], entry.dataset.number);
    pinned = true;
  }
  addEventListener("hashchange", follow);
  addEventListener("load", follow);

  // The filter by person; the one by kind needs no script.
  const select = document.getElementById("person");
  const people = new Map();
  for (const entry of entries.values())
    for (const name of new Set(JSON.parse(entry.dataset.people))) people.set(name, (people.get(name) || 0) + 1);
  for (const [name, count] of [...people].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])))
    select.append(new Option(`${name} (${count})`, name));
  select.parentElement.hidden = people.size < 2;
  select.addEventListener("change", () => {
    hide();
    const wanted = select.value;
    const kept = new Set();
    for (const [number, entry] of entries) {
      const keep = !wanted || JSON.parse(entry.dataset.people).includes(wanted);
      entry.hidden = !keep;
      if (keep) kept.add(number);
    }
    for (const element of marked)
      if (element.matches(".m")) element.classList.toggle("off", !claimsAt(element).some((n) => kept.has(n)));
  });
})();
