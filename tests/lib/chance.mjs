// Random choices that can be repeated with the same seed.

export class Chance {
  constructor(seed) {
    this.state = (seed % 2147483646) + 1;
    this.below(2);
  }

  below(n) {
    this.state = (this.state * 48271) % 2147483647;
    return Math.floor(this.state / 2147483647 * n);
  }

  oneIn(n) { return this.below(n) === 0; }

  of(list) { return list[this.below(list.length)]; }
}
