"use strict";
(() => {
  const hall = document.documentElement;
  const clock = document.querySelector(".clock[data-at]");
  const DAY = { weekday: "short", day: "numeric", month: "short" };
  const TIME = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const local = (at, form) => new Intl.DateTimeFormat("en-GB", { ...form, hourCycle: "h23" }).format(at);

  const left = milliseconds => {
    const seconds = Math.floor(milliseconds / 1000), minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    const two = number => String(number).padStart(2, "0");
    if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h ${minutes % 60} min`;
    if (hours) return `${hours} h ${minutes % 60} min`;
    return `${minutes}:${two(seconds % 60)}`;
  };

  // The reader's clock may close what the page calls open, and nothing else.
  const tick = () => {
    const rest = Date.parse(clock.dataset.at) - Date.now();
    clock.textContent = rest > 0 ? left(rest) : clock.dataset.over;
  };

  if (clock) {
    const aim = document.querySelector(".aim");
    const at = new Date(clock.dataset.at);
    aim.textContent = aim.dataset.running;
    document.querySelector(".local").textContent = `, ${local(at, DAY)} ${local(at, TIME)}`;
    tick();
    setInterval(tick, 1000);
  }
  for (const time of document.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    time.textContent = Date.now() - at < 43200000 ? local(at, TIME) : `${local(at, DAY)} ${local(at, TIME)}`;
  }

  // A reload without a network would leave the hall with the browser's error page.
  setInterval(() => {
    if (location.protocol === "file:" || navigator.onLine) location.reload();
  }, 1000 * Number(hall.dataset.reload));
})();
