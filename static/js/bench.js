/* What the rules say, shown while somebody answers; the server decides by inspections/grading.py. */
(function () {
  "use strict";
  const form = document.getElementById("inspect");
  const box = form && form.querySelector("[data-grades]");
  if (!box) { return; }
  const hint = box.querySelector("[data-grade-hint]");
  const rule = form.querySelector("[data-rule]");
  let byHand = Boolean(form.querySelector("[name='grade']:checked"));

  function grade() {
    const answers = Array.from(form.querySelectorAll("[data-check]:checked"));
    if (answers.length === 0) { return ""; }
    const noes = answers.map(function (one) { return one.dataset.check; }).filter(Boolean).sort();
    const worst = noes.length ? noes[noes.length - 1] : "A";
    return worst === "B" && noes.length > 1 ? "C" : worst;
  }
  function where() {
    if (form.querySelector("[name='outcome'][value='rejected']:checked")) { return rule.dataset.rejected; }
    const chosen = form.querySelector("[name='grade']:checked");
    const unused = form.querySelector("[name='check-unused'][value='yes']:checked");
    return chosen ? (unused ? chosen.dataset.clean : chosen.dataset.marked) : "";
  }
  form.addEventListener("change", function (event) {
    if (event.target.name === "grade") { byHand = true; }
    if (event.target.matches("[data-check]")) {
      const suggested = grade();
      hint.textContent = suggested ? box.dataset.words + " " + suggested : "";
      const radio = form.querySelector("[name='grade'][value='" + suggested + "']");
      if (radio && !byHand) { radio.checked = true; }
    }
    const words = where();
    if (words) { rule.textContent = rule.dataset.rule + " " + words; }
  });
})();
