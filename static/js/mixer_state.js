/* What the rows of the mixer say: to tell whether something changed, to undo and to redo. */
const FIELDS = ".layer-name, .gain, .position, .mute, .solo, .clip, [name$='-rejected']";
const UNSAVED = ".solo, [name$='-rejected']"; // not part of the soundscape
const TOGETHER = 1000; // milliseconds: changes of one control in a row are one step

/* The rows and their places on the image, which restoring puts back, and the values of fields. */
export function snapshot(rows) {
  const state = rows.map((row) => ({ row, values: fieldsOf(row).map(valueOf) }));
  return Object.assign(state, { places: placesOf(rows[0]) });
}

export function restore(list, state) {
  const rows = state.map(({ row }) => row);
  if (state.places) placesOf(list).replaceWith(state.places);
  if (!isSame([...list.children], rows)) list.replaceChildren(...rows);
  for (const { row, values } of state)
    fieldsOf(row).forEach((field, place) => setValue(field, values[place]));
}

/* What saving would send, as text. */
export function settings(rows) {
  return textOf(rows, valueOf);
}

export function savedSettings(rows) {
  return textOf(rows, savedValueOf);
}

export function isAsSaved(field) {
  return valueOf(field) === savedValueOf(field);
}

function placesOf(element) {
  return element?.closest("article")?.querySelector(".places");
}

function textOf(rows, read) {
  const values = rows.map((row) => [
    row.dataset.place,
    ...fieldsOf(row)
      .filter((field) => !field.matches(UNSAVED))
      .map(read),
  ]);
  return JSON.stringify(values);
}

function fieldsOf(row) {
  return [...row.querySelectorAll(FIELDS)];
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  return field.type === "range" ? rounded(field.value) : field.value;
}

function savedValueOf(field) {
  if (field.type === "checkbox") return field.defaultChecked;
  if (field.type === "range") return rounded(field.defaultValue);
  if (field.type === "hidden") return field.value;
  const saved = [...field.options].find((option) => option.defaultSelected);
  return (saved ?? field.options[0]).value;
}

/* Of whole steps, but computed. */
function rounded(value) {
  return Number(value).toFixed(2);
}

function setValue(field, value) {
  if (field.type === "checkbox") field.checked = value;
  else field.value = value;
}

function isSame(some, others) {
  return some.length === others.length && some.every((each, place) => each === others[place]);
}

function isSameState(one, other) {
  return (
    isSame(
      one.map(({ row }) => row),
      other.map(({ row }) => row),
    ) && one.every(({ values }, place) => isSame(values, other[place].values))
  );
}

export class UndoHistory {
  constructor(state) {
    this.states = [state];
    this.at = 0;
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.states.length - 1;
  }

  /* Add a state that a control has led to. */
  record(state, control) {
    if (isSameState(state, this.states[this.at])) return;
    const isMore = control && control === this.control && Date.now() - this.time < TOGETHER;
    const kept = this.at + (isMore ? 0 : 1);
    this.states = [...this.states.slice(0, kept), state];
    this.at = this.states.length - 1;
    this.control = control;
    this.time = Date.now();
  }

  undo() {
    return this.step(-1);
  }

  redo() {
    return this.step(1);
  }

  step(by) {
    this.at = Math.min(Math.max(0, this.at + by), this.states.length - 1);
    this.control = null;
    return this.states[this.at];
  }
}
