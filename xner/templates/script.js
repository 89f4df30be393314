// Sorting and filtering; without it the page shows everything. Text is only ever put in as text.
"use strict";
const make = (name, text, attributes = {}) => {
  const made = Object.assign(document.createElement(name), {textContent: text});
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
};

function compare(one, other) { // numbers before words, nothing at the end
  if (one === "" || other === "") return (one === "") - (other === "");
  const numbers = [one, other].map(text => Number(text.replaceAll(",", "")));
  return numbers.some(Number.isNaN) ? one.localeCompare(other) : numbers[0] - numbers[1];
}

document.querySelectorAll("table.sortable").forEach(table => {
  const body = table.tBodies[0];
  if (body.rows.length < 2) return;
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    if (head.tagName !== "TH" || !head.textContent.trim()) return;
    const button = make("button", head.textContent, {type: "button"});
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      [...table.tHead.rows[0].cells].forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
      const value = row => row.cells[place].dataset.value ?? row.cells[place].textContent;
      const filled = row => value(row) !== "";
      const rows = [...body.rows].sort((a, b) => (filled(a) && filled(b) ? down : 1) * compare(value(a), value(b)));
      body.append(...rows);
    });
  });
});

document.querySelectorAll(".pairs").forEach(pairs => {
  const rows = [...pairs.children].map(row => ({row, groups: row.dataset.groups.split("\n").filter(Boolean), text: row.textContent.toLowerCase()}));
  const counts = new Map(pairs.dataset.groups.split("\n").map(group => [group, 0]));
  rows.forEach(({groups}) => groups.forEach(group => counts.set(group, (counts.get(group) ?? 0) + 1)));
  const bar = make("div", "", {class: "filters", role: "group", "aria-label": "show only sentences with"});
  const input = make("input", "", {type: "search", placeholder: "words", "aria-label": "show only sentences with these words"});
  const status = make("span", "", {role: "status", class: "who"});
  const asked = new Set();
  const update = () => {
    const words = input.value.toLowerCase();
    rows.forEach(({row, groups, text}) => { row.hidden = !(text.includes(words) && [...asked].every(group => groups.includes(group))); });
    status.textContent = `${rows.filter(({row}) => !row.hidden).length} of ${rows.length} shown`;
  };
  counts.forEach((count, group) => {
    if (!count) return;
    const button = make("button", `${group} (${count})`, {type: "button", "aria-pressed": "false"});
    button.addEventListener("click", () => {
      asked.has(group) ? asked.delete(group) : asked.add(group);
      button.setAttribute("aria-pressed", String(asked.has(group)));
      update();
    });
    bar.append(button);
  });
  input.addEventListener("input", update);
  bar.append(input, status);
  pairs.before(bar);
  update();
});
