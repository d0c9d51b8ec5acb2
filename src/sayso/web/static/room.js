"use strict";
(() => {
  const room = document.getElementById("room");
  const panel = document.getElementById("panel");
  const text = room.querySelector(".text");
  const narrow = matchMedia("(max-width: 63.99rem)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const names = { source: "source", cue: "cue", condition: "if", horizon: "when", certainty: "how sure" };
  const entries = [...document.querySelectorAll(".entry")];
  const byNumber = new Map(entries.map((entry) => [entry.dataset.number, entry]));
  const marked = [...text.querySelectorAll("[data-at]")];
  const pieces = new Map(); // claim number -> [[role, element], …]
  for (const element of marked)
    for (const role of ["content", ...Object.keys(names)])
      for (const number of (element.dataset[role] || "").split(" ").filter(Boolean)) {
        if (!pieces.has(number)) pieces.set(number, []);
        pieces.get(number).push([role, element]);
      }
  // The claims that a place belongs to: those over it, and those that have a part of theirs there.
  const claimsAt = (element) => `${element.dataset.content || ""} ${element.dataset.apart || ""}`.trim().split(/ +/);
  let shown = null; // the number of the claim whose parts are shown in the text
  let opened = (panel.querySelector(".opened") || { dataset: {} }).dataset.number || null;
  let pointed = opened; // where j and k are

  // The parts of a claim, in the text.
  function clear() {
    for (const [, element] of pieces.get(shown) || []) {
      element.classList.remove("on", ...Object.keys(names).map((role) => "is-" + role));
      delete element.dataset.role;
    }
    const entry = byNumber.get(shown);
    if (entry) entry.classList.remove("on");
    shown = null;
  }
  function show(number) {
    if (shown === number && number !== null) return;
    clear();
    shown = number;
    let last = null;
    let label = null; // {element, top, right} of the label before
    for (const [role, element] of pieces.get(number) || []) {
      if (role === "content") { element.classList.add("on"); continue; }
      element.classList.add("is-" + role);
      if (last !== role && !element.dataset.role) {
        const box = element.getClientRects()[0];
        // Where two labels would lie upon each other, the first takes the second's words.
        if (box && label && Math.abs(box.top - label.top) < 4 && box.left >= label.left && box.left < label.right) {
          label.element.dataset.role += ", " + names[role];
          label.right += 6 * (names[role].length + 2);
        } else {
          element.dataset.role = names[role];
          if (box) label = { element, top: box.top, left: box.left, right: box.left + 6 * names[role].length + 4 };
        }
      }
      last = role;
    }
    const entry = byNumber.get(number);
    if (entry) entry.classList.add("on");
  }
  const first = (number) => ((pieces.get(number) || []).find(([role]) => role === "content") || [])[1];
  function bring(number) {
    const element = first(number);
    if (!element) return;
    const box = element.getBoundingClientRect();
    const floor = narrow.matches && opened ? innerHeight * .38 : innerHeight;
    if (box.top < 60 || box.bottom > floor - 40)
      scrollBy({ top: box.top - (narrow.matches ? 90 : innerHeight * .33), behavior: calm.matches ? "instant" : "smooth" });
  }

  // The open claim, beside the text.
  const kept = new Map();
  async function part(href) {
    const address = new URL(href, location.href);
    address.hash = "";
    address.searchParams.set("part", "panel");
    if (kept.has(address.href)) return kept.get(address.href);
    const answer = await fetch(address.href);
    if (!answer.ok) throw new Error(answer.status);
    const html = await answer.text();
    if (!address.searchParams.has("edit")) kept.set(address.href, html);
    return html;
  }
  function fill(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    panel.replaceChildren(...fresh.body.childNodes);
    panel.scrollTop = 0;
  }
  async function load(href, push = true) {
    let html;
    try { html = await part(href); } catch { location.assign(href); return; }
    fill(html);
    const body = panel.querySelector(".opened");
    opened = body ? body.dataset.number || null : null;
    panel.toggleAttribute("data-empty", !body);
    if (push) history.pushState({ href }, "", href);
    if (opened) { pointed = opened; show(opened); bring(opened); keepInList(opened); }
    offer();
  }
  function keepInList(number) {
    const entry = byNumber.get(number);
    for (const each of entries) each.classList.toggle("point", each === entry && pointed !== opened);
    const desk = entry && entry.closest(".desk");
    if (desk && desk.scrollHeight > desk.clientHeight + 4 && !narrow.matches) entry.scrollIntoView({ block: "nearest" });
  }
  function close(push = true) {
    if (!panel.hasAttribute("data-empty")) {
      panel.replaceChildren();
      panel.setAttribute("data-empty", "");
      if (push) history.pushState({}, "", location.pathname + filterQuery());
    }
    opened = null;
    clear();
  }
  function filterQuery() {
    const fields = new URLSearchParams(filter ? [...new FormData(filter)].filter(([, value]) => value) : []);
    return fields.size ? "?" + fields : "";
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a");
    if (!link) { if (event.target.closest(".text") && !String(getSelection()) && !panel.querySelector(".editing")) close(); return; }
    if (link.matches("[data-close]")) { event.preventDefault(); close(); return; }
    const entry = link.closest(".entry");
    if (link.matches(".m:not(.off)") || entry || link.matches("[data-panel], [data-step], .around a") || link.id === "add") {
      event.preventDefault();
      if (link.matches(".m") && String(getSelection())) return;
      load(link.href);
    }
  });
  text.addEventListener("pointerover", (event) => {
    const mark = event.target.closest(".m:not(.off)");
    if (event.pointerType === "touch" || panel.querySelector(".editing")) return;
    show(mark ? claimsAt(mark).find((n) => !byNumber.get(n).hidden) || opened : opened);
  });
  text.addEventListener("pointerleave", () => show(opened));
  text.addEventListener("focusin", (event) => {
    const mark = event.target.closest(".m:not(.off)");
    if (mark && !panel.querySelector(".editing")) show(claimsAt(mark)[0]);
  });
  const list = document.getElementById("entries");
  list.addEventListener("pointerover", (event) => {
    const entry = event.target.closest(".entry[data-number]");
    if (entry && event.pointerType !== "touch" && !panel.querySelector(".editing")) show(entry.dataset.number);
  });
  list.addEventListener("pointerleave", () => show(opened));
  addEventListener("popstate", () => {
    if (new URLSearchParams(location.search).has("claim")) load(location.href, false);
    else close(false);
  });

  // The filter.
  const filter = document.getElementById("filter");
  function sift() {
    const form = new FormData(filter);
    const kinds = form.getAll("kind");
    const holder = form.get("holder") || "";
    let left = 0;
    for (const entry of entries) {
      if (!entry.dataset.number) continue;
      entry.hidden = (kinds.length > 0 && !kinds.includes(entry.dataset.kind)) || (holder !== "" && entry.dataset.holder !== holder);
      left += !entry.hidden;
    }
    for (const element of marked)
      if (element.matches(".m"))
        element.classList.toggle("off", claimsAt(element).every((n) => byNumber.get(n).hidden));
    document.getElementById("left").textContent = left === byNumber.size ? left : `${left} of ${byNumber.size}`;
    const address = new URL(location.href);
    for (const name of ["kind", "holder"]) address.searchParams.delete(name);
    for (const [name, value] of form) if (value) address.searchParams.append(name, value);
    history.replaceState(history.state, "", address);
  }
  filter.addEventListener("change", sift);

  // Keys.
  const keys = document.getElementById("keys");
  const opener = document.getElementById("keys-open");
  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
  function step(by) {
    const left = entries.filter((entry) => entry.dataset.number && !entry.hidden);
    if (!left.length) return;
    const at = left.findIndex((entry) => entry.dataset.number === pointed);
    const next = left[at < 0 ? (by > 0 ? 0 : left.length - 1) : Math.max(0, Math.min(left.length - 1, at + by))];
    pointed = next.dataset.number;
    if (opened) { load(next.querySelector("a").href); return; }
    show(pointed);
    bring(pointed);
    keepInList(pointed);
  }
  const writing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.key === "Escape") {
      const back = panel.querySelector("[data-close-edit]");
      if (back) load(back.href); else { close(); for (const entry of entries) entry.classList.remove("point"); }
      return;
    }
    if (writing(event.target)) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); step(event.key === "j" ? 1 : -1); }
    else if (event.key === "Enter" && !event.target.closest("a, button, summary, label") && pointed) {
      event.preventDefault();
      load(byNumber.get(pointed).querySelector("a").href);
    } else if (event.key === "?") { event.preventDefault(); keys.showModal(); }
    else if (event.key === "a" && bar) { event.preventDefault(); startAdding(); }
  });

  // Words selected in the text become those of a claim or of its parts.
  const bar = document.getElementById("selected");
  let chosen = null; // {post, start, end, words}
  const points = (string) => [...string].length;
  function selection() {
    const found = getSelection();
    if (!found.rangeCount || found.isCollapsed) return null;
    const range = found.getRangeAt(0);
    const place = (node, offset) => {
      const element = node.nodeType === 1 ? node : node.parentElement;
      const paragraph = element.closest("[data-start]");
      if (!paragraph) return null;
      const before = document.createRange();
      before.selectNodeContents(paragraph);
      before.setEnd(node, offset);
      return { post: paragraph.closest("[data-post]").dataset.post, at: Number(paragraph.dataset.start) + points(before.toString()) };
    };
    const start = place(range.startContainer, range.startOffset);
    const end = place(range.endContainer, range.endOffset);
    if (!start || !end || start.post !== end.post) return null;
    const words = range.toString();
    const lead = points(words) - points(words.trimStart());
    const trail = points(words) - points(words.trimEnd());
    if (end.at - trail <= start.at + lead) return null;
    return { post: start.post, start: start.at + lead, end: end.at - trail, words: words.trim(), box: range.getBoundingClientRect() };
  }
  function use(name) {
    const field = panel.querySelector(`textarea[name="${name}"]`);
    if (!field || !chosen) return;
    field.value = chosen.words;
    panel.querySelector(`input[name="${name}_spans"]`).value = `${chosen.start}-${chosen.end}`;
    const post = panel.querySelector("select[name=post]");
    if (post) post.value = chosen.post;
    const details = field.closest("details");
    if (details) details.open = true;
    field.classList.add("fresh");
  }
  async function startAdding() {
    const before = chosen;
    await load(document.getElementById("add").href);
    chosen = before;
    if (chosen) use("content");
    const holder = panel.querySelector("[name=holder]");
    if (holder) holder.focus();
  }
  function offer() {
    if (!bar) return;
    for (const button of panel.querySelectorAll(".use-selection")) button.hidden = !chosen;
    bar.hidden = !chosen;
    if (!chosen) return;
    const parts = panel.querySelector(".editing")
      ? [["content", "words"], ...Object.entries(names)].map(([part, label]) => [label, () => use(part)])
      : [["Add a claim", startAdding]];
    bar.replaceChildren(...parts.map(([label, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("pointerdown", (event) => event.preventDefault());
      button.addEventListener("click", () => { act(); bar.hidden = true; });
      return button;
    }));
    bar.style.left = Math.max(8, Math.min(chosen.box.left, innerWidth - bar.offsetWidth - 12)) + scrollX + "px";
    bar.style.top = chosen.box.top + scrollY - bar.offsetHeight - 8 + "px";
  }
  if (bar) {
    let waiting = 0;
    document.addEventListener("selectionchange", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const found = selection();
        if (found || !document.activeElement || !panel.contains(document.activeElement)) { chosen = found || (panel.querySelector(".editing") ? chosen : null); }
        if (!found) bar.hidden = true; else offer();
        for (const button of panel.querySelectorAll(".use-selection")) button.hidden = !chosen;
      }, 120);
    });
    panel.addEventListener("click", (event) => {
      const button = event.target.closest(".use-selection");
      if (button) use(button.dataset.part);
    });
    // Words changed by hand are looked up by the server; the places of the old ones no longer hold.
    panel.addEventListener("input", (event) => {
      const spans = event.target.matches("textarea.words") && panel.querySelector(`input[name="${event.target.name}_spans"]`);
      if (spans) spans.value = "";
    });
  }

  if (opened) { show(null); show(opened); requestAnimationFrame(() => bring(opened)); }
})();
