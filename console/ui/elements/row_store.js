// The rows of the event list in order of their index, and those of them that pass the filter.

/** Index of the first element of `rows` (ordered by `i`) whose `i` is not below the given one. */
function lowerBound(rows, i) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].i < i) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Put `row` in its place; true if it is new. Rows arrive almost always at the end. */
function place(rows, row) {
  const last = rows.length - 1;
  const at = last < 0 || rows[last].i < row.i ? rows.length : lowerBound(rows, row.i);
  const isNew = rows[at]?.i !== row.i;
  if (at === rows.length) rows.push(row);
  else if (isNew) rows.splice(at, 0, row);
  else rows[at] = row;
  return isNew;
}

function remove(rows, i) {
  const at = lowerBound(rows, i);
  if (rows[at]?.i === i) rows.splice(at, 1);
}

/**
 * Turn what the user typed into a test of a row; "/.../" is a regular expression.
 * @throws {SyntaxError} it is none
 */
function textTest(text) {
  const pattern = /^\/(.+)\/([imsu]*)$/.exec(text);
  if (pattern) {
    const expression = new RegExp(pattern[1], pattern[2]);
    return (row) => expression.test(haystack(row));
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (row) => {
    const lower = haystack(row).toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}

const haystack = (row) => `${row.y} ${row.d} ${row.item ?? ""} ${row.resp ?? ""}`;

export class RowStore {
  constructor(limit) {
    this.limit = limit;
    this.clear();
    this.setFilter({ text: "", client: true, server: true, errors: false });
  }

  clear() {
    this.all = [];
    this.shown = [];
    this.errors = 0;
    this.dropped = 0;
    this.longestRun = 1;
  }

  get isFiltering() {
    const { text, client, server, errors } = this.filter;
    return Boolean(text.trim()) || !client || !server || errors;
  }

  setFilter(filter) {
    this.filter = filter;
    const text = filter.text.trim();
    let passesText = () => true;
    /** What is wrong with the words of the filter, as the browser says it; "" if nothing. */
    this.wrong = "";
    try {
      if (text) passesText = textTest(text);
    } catch (error) {
      // "Invalid regular expression: /(/: Unterminated group": the reason stands last.
      this.wrong = error.message.slice(error.message.lastIndexOf(": ") + 1).trim();
      passesText = () => false;
    }
    this.passes = (row) =>
      filter[row.s] !== false && (!filter.errors || row.e) && passesText(row);
    this.refill();
  }

  refill() {
    // Without a filter both lists would be the same: keep one array, not two of 100,000.
    this.shown = this.isFiltering ? this.all.filter(this.passes) : this.all;
  }

  /** Insert or replace rows; returns how many of the shown ones are new. */
  upsert(rows) {
    let added = 0;
    for (const row of rows) {
      Object.freeze(row);
      const isNew = place(this.all, row);
      if (isNew && row.e) this.errors += 1;
      if (row.n > this.longestRun) this.longestRun = row.n;
      if (this.shown === this.all) added += isNew ? 1 : 0;
      else if (this.passes(row)) added += place(this.shown, row) ? 1 : 0;
      else if (!isNew) remove(this.shown, row.i);
    }
    this.trim();
    return added;
  }

  // A tenth at a time: cutting the head off row by row would move the whole array each time.
  trim() {
    if (this.all.length <= this.limit) return;
    const keep = this.all.length - Math.ceil(this.limit * 0.9);
    for (const row of this.all.splice(0, keep)) if (row.e) this.errors -= 1;
    this.dropped += keep;
    if (this.shown !== this.all) this.refill();
  }

  /** Where the row with this index stands among the shown ones, or -1. */
  position(i) {
    const at = lowerBound(this.shown, i);
    return this.shown[at]?.i === i ? at : -1;
  }
}
