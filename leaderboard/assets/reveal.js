"use strict";
(() => {
  const stage = document.documentElement;
  const last = Number(stage.dataset.last);
  const parts = [...document.querySelectorAll("[data-from]")];
  const where = document.querySelector(".where");
  const told = document.getElementById("told");
  const NEXT = new Set([" ", "Enter", "PageDown", "ArrowRight", "ArrowDown"]);
  const BACK = new Set(["Backspace", "PageUp", "ArrowLeft", "ArrowUp"]);
  let at = 0;

  // The step stands in the address: after a crash, a reload goes on where it was.
  const asked = () => Number.parseInt(location.hash.slice(1), 10) || 0;

  const show = step => {
    at = Math.min(last, Math.max(0, step));
    for (const part of parts) {
      const from = Number(part.dataset.from), to = Number(part.dataset.to ?? last);
      part.classList.toggle("on", from <= at);
      part.classList.toggle("now", from <= at && at <= to);
    }
    where.textContent = `Step ${at} of ${last}`;
    told.textContent = document.getElementById(`step-${at}`).cells[1].textContent;
    history.replaceState(null, "", `#${at}`);
  };

  const switches = {
    f: () => document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen(),
    b: () => stage.classList.toggle("dark"),
    ".": () => stage.classList.toggle("dark"),
    l: () => stage.classList.toggle("light"),
    Home: () => show(0),
  };

  // There is no key for the end: one slip would tell who has won. The address has it.
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const step = NEXT.has(key) ? 1 : BACK.has(key) ? -1 : 0;
    if (!step && !Object.hasOwn(switches, key)) return;
    event.preventDefault();
    // A key held down, or a clicker that is stuck, is one press.
    if (event.repeat) return;
    if (step) show(at + step);
    else switches[key]();
  });
  addEventListener("click", () => show(at + 1));
  addEventListener("hashchange", () => show(asked()));
  show(asked());
})();
