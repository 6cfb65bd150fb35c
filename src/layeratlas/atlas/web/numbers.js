// Numbers as people read them; what they are exactly stands in `data-` attributes.

const MINUS = "\u2212";

// Three significant digits: 0.123, −1.50, 1.2e−5.
export function shown(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e5 || size < 1e-3
      ? value.toExponential(digits - 2).replace("e+", "e")
      : size >= 10 ** (digits - 1)
        ? value.toFixed(0)
        : value.toPrecision(digits);
  return text.replaceAll("-", MINUS);
}

// A coordinate, short: 0.28, 1e-5, 640, "fsc".
export function label(value) {
  if (typeof value === "string") return value;
  const number = Number(value);
  const size = Math.abs(number);
  if (size && (size < 1e-3 || size >= 1e6)) return number.toExponential().replace("e+", "e");
  return String(Number(number.toPrecision(6)));
}

export function bytes(size) {
  for (const unit of ["B", "kB", "MB"]) {
    if (size < 1000) return `${Number(size.toPrecision(3))} ${unit}`;
    size /= 1000;
  }
  return `${Number(size.toPrecision(3))} GB`;
}

export function words(name) {
  return name.replaceAll("_", " ");
}

// Round numbers that divide a range into some five parts.
export function ticks(low, high, count = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}
