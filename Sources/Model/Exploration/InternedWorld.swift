/// A world of an ``InternedModel``: the numbers of what its machines and channels are.
package struct InternedWorld<Numbers: NumberList>: Sendable {
  /// What an exploration notes of a world beside what tells it from others.
  struct Marks: OptionSet {
    let rawValue: UInt8
    /// See ``StateBound/outside``.
    static var outside: Marks { Marks(rawValue: 1) }
    /// A draw on the way had more outcomes than are tried.
    static var sampled: Marks { Marks(rawValue: 2) }
    /// The last action changed a field that conditions read.
    static var changesFields: Marks { Marks(rawValue: 4) }
    /// The last action stands for all others that were possible, which can be done after it.
    static var alone: Marks { Marks(rawValue: 8) }
    /// It is no world: what comes of an action is not known.
    static var unknown: Marks { Marks(rawValue: 16) }
  }

  /// One for each machine, then one for each channel.
  var numbers: Numbers
  /// Which machines have crashed, a bit each.
  var crashed: UInt32 = 0
  /// How many messages and markers were lost.
  var lossCount: UInt16 = 0
  var marks: Marks = .changesFields

  init(numberCount: Int) { numbers = Numbers(count: numberCount) }

  /// Whether the machine of this index has crashed.
  func hasCrashed(_ index: Int) -> Bool { crashed >> UInt32(index) & 1 == 1 }
}

/// Some numbers that are copied often.
package protocol NumberList: Sendable {
  /// The most numbers that there can be; nil for any.
  static var countMax: Int? { get }
  /// So many zeros.
  init(count: Int)
  /// The number at this index.
  subscript(index: Int) -> UInt32 { get set }
}

/// A few numbers that take no memory of their own, so that copies cost little.
package struct FewNumbers: NumberList {
  private var numbers: (SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>)

  /// 16.
  package static var countMax: Int? { MemoryLayout<Self>.size / MemoryLayout<UInt32>.stride }

  /// Zeros.
  package init(count: Int) { numbers = (.zero, .zero, .zero, .zero) }

  /// The number at this index.
  package subscript(index: Int) -> UInt32 {
    get {
      withUnsafeBytes(of: numbers) { bytes in
        bytes.load(fromByteOffset: index * MemoryLayout<UInt32>.stride, as: UInt32.self)
      }
    }
    set {
      withUnsafeMutableBytes(of: &numbers) { bytes in
        bytes.storeBytes(
          of: newValue, toByteOffset: index * MemoryLayout<UInt32>.stride, as: UInt32.self)
      }
    }
  }
}

extension Array: NumberList where Element == UInt32 {
  /// Any.
  package static var countMax: Int? { nil }
  /// So many zeros.
  package init(count: Int) { self.init(repeating: 0, count: count) }
}
