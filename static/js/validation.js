/* Messages of fields that are wrong: data-range-overflow and the like, else the browser's own. */
export function explain(field) {
  const place = document.getElementById(`${field.id}_error`) ?? newPlace(field);
  place.textContent = words(field);
  field.setAttribute("aria-invalid", "true");
  field.addEventListener("input", () => recheck(field, place));
  if (field.form?.querySelector(":invalid") !== field) return;
  startAt(field);
}

export function startAt(field) {
  field.scrollIntoView({ block: "center" });
  field.focus();
}

function newPlace(field) {
  const place = document.createElement("p");
  place.id = `${field.id}_error`;
  place.className = "field-error";
  place.role = "alert";
  field.after(place);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${place.id}`.trim());
  return place;
}

function words(field) {
  const problem = Object.keys(field.dataset).find((name) => field.validity[name]);
  return problem ? field.dataset[problem] : field.validationMessage;
}

function recheck(field, place) {
  if (!field.validity.valid) return;
  place.textContent = "";
  field.removeAttribute("aria-invalid");
}
