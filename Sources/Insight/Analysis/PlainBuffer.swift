/// Plain values in memory that one owner writes, for the loops that see every line.
///
/// An array asks at each write whether somebody shares it; this one is never shared, and what it
/// holds needs no clean-up.
struct PlainBuffer<Element: BitwiseCopyable>: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  private var base: UnsafeMutablePointer<Element>

  /// Makes an empty buffer with room for so many values.
  init(capacity: Int = 16) {
    self.capacity = max(1, capacity)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  var isEmpty: Bool { count == 0 }
  var indices: Range<Int> { 0..<count }

  /// The value at an index that must be below ``count``.
  subscript(index: Int) -> Element {
    @inline(__always) get {
      let isInside = index >= 0 && index < count
      assert(isInside)
      return base[index]
    }
    @inline(__always) set {
      let isInside = index >= 0 && index < count
      assert(isInside)
      base[index] = newValue
    }
  }

  @inline(__always)
  mutating func append(_ value: Element) {
    if count == capacity { grow(to: 2 * capacity) }
    (base + count).initialize(to: value)
    count += 1
  }

  /// Adds up to so many values at once.
  ///
  /// - Parameters:
  ///   - countMax: How many there is to be room for.
  ///   - body: Writes values there, and returns how many are to be kept.
  @inline(__always)
  mutating func append(atMost countMax: Int, _ body: (UnsafeMutablePointer<Element>) -> Int) {
    if count + countMax > capacity { grow(to: max(count + countMax, 2 * capacity)) }
    count += body(base + count)
  }

  /// Adds all values of another buffer.
  mutating func append(contentsOf other: borrowing PlainBuffer<Element>) {
    let (source, sourceCount) = (other.base, other.count)
    append(atMost: sourceCount) { target in
      target.update(from: source, count: sourceCount)
      return sourceCount
    }
  }

  /// Lengthens the buffer with copies of a value, if it is shorter.
  mutating func extend(to count: Int, with value: Element) {
    if count > capacity { grow(to: max(count, capacity + capacity / 2)) }
    while self.count < count {
      (base + self.count).initialize(to: value)
      self.count += 1
    }
  }

  /// Takes away all values but the first so many; memory is kept.
  mutating func keepFirst(_ count: Int) {
    self.count = min(count, self.count)
  }

  /// Takes away the first so many values.
  mutating func removeFirst(_ removedCount: Int) {
    let kept = count - removedCount
    if removedCount > 0 { base.update(from: base + removedCount, count: kept) }
    count = kept
  }

  @inline(never)
  private mutating func grow(to capacity: Int) {
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    grown.moveInitialize(from: base, count: count)
    base.deallocate()
    base = grown
    self.capacity = capacity
  }
}
