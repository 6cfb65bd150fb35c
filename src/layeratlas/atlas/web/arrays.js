// Arrays whose dimensions have names, as little of them as the page needs.

export class Labelled {
  constructor(dims, shape, data) {
    this.dims = dims;
    this.shape = shape;
    this.data = data;
    this.strides = shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
  }

  size(dim) {
    const k = this.dims.indexOf(dim);
    return k < 0 ? 1 : this.shape[k];
  }

  // The value at {dim: index}; dims that the array does not have are left aside.
  at(index) {
    let place = 0;
    for (let k = 0; k < this.dims.length; k += 1) place += this.strides[k] * (index[this.dims[k]] ?? 0);
    return this.data[place];
  }

  // Values along a dim at {dim: index} of the others.
  along(dim, index) {
    return Array.from({ length: this.size(dim) }, (_, k) => this.at({ ...index, [dim]: k }));
  }
}

// Mean of what is finite; NaN where nothing is.
export function mean(values) {
  const known = values.filter(Number.isFinite);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : NaN;
}

// Point by point over several curves.
export function meanCurve(curves) {
  if (!curves.length) return [];
  return curves[0].map((_, k) => mean(curves.map((curve) => curve[k])));
}
