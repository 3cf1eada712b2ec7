/* A page says aloud what a scan gave: high for a hit, two tones for a choice, low for none. A switch turns it off and is remembered. */
(function () {
  "use strict";
  const KEY = "comeback-sound";
  function isOn() {
    try { return window.localStorage.getItem(KEY) !== "off"; } catch (error) { return true; }
  }
  function play(address) {
    /* a browser may refuse until somebody touched the page; then it stays silent */
    if (address && isOn()) { new Audio(address).play().catch(function () {}); }
  }
  const app = document.querySelector("[data-sound]");
  if (app) { play(app.dataset.sound); }
  const toggle = document.querySelector("[data-sound-switch]");
  if (!toggle) { return; }
  toggle.setAttribute("aria-pressed", String(isOn()));
  toggle.addEventListener("click", function () {
    const on = !isOn();
    try { window.localStorage.setItem(KEY, on ? "on" : "off"); } catch (error) { return; }
    toggle.setAttribute("aria-pressed", String(on));
    play(toggle.dataset.soundSwitch);
  });
})();
