/// A buffer of plain values with one owner, for the loops that read every line.
///
/// An array checks at each write whether it is shared; this buffer never is, and its values need no
/// clean-up.
struct PlainBuffer<Element: BitwiseCopyable>: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  private var base: UnsafeMutablePointer<Element>

  /// Makes an empty buffer with this capacity.
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

  /// Appends up to this many values at once.
  ///
  /// - Parameters:
  ///   - countMax: How many values the body may write.
  ///   - body: Writes the values, and returns how many to keep.
  @inline(__always)
  mutating func append(atMost countMax: Int, _ body: (UnsafeMutablePointer<Element>) -> Int) {
    if count + countMax > capacity { grow(to: max(count + countMax, 2 * capacity)) }
    count += body(base + count)
  }

  /// Appends all values of another buffer.
  mutating func append(contentsOf other: borrowing PlainBuffer<Element>) {
    let (source, sourceCount) = (other.base, other.count)
    append(atMost: sourceCount) { target in
      target.update(from: source, count: sourceCount)
      return sourceCount
    }
  }

  /// Appends copies of a value until the buffer has this many, if it is shorter.
  mutating func extend(to count: Int, with value: Element) {
    if count > capacity { grow(to: max(count, capacity + capacity / 2)) }
    while self.count < count {
      (base + self.count).initialize(to: value)
      self.count += 1
    }
  }

  /// Removes all values after the first `count`; keeps the memory.
  mutating func keepFirst(_ count: Int) {
    self.count = min(count, self.count)
  }

  /// Removes the first values.
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
