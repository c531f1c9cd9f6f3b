/// How far an exploration has come.
public struct ExplorationProgress: Hashable, Sendable {
  /// How many different states it has found.
  public var distinctCount = 0
  /// How many times it came to a state, first states included.
  public var generatedCount = 0
  /// How many states are on the shortest way to the last state found; a first state has depth 1.
  public var depth = 0
  /// How many states it has found and not expanded yet.
  public var queueCount = 0
  /// How many states it has expanded by some successors that stand for all.
  public var reducedCount = 0
  /// How many states the different ones stand for, themselves included.
  public var representedCount = 0
  /// How many bytes all that takes, about.
  public var byteCount = 0
  /// How many more it may take for a while to go on.
  public var growthByteCount = 0
  /// Whether the first states have been found.
  @usableFromInline var hasBegun = false

  @usableFromInline init() {}
}

/// Where an exploration ends although more might follow.
public struct ExplorationLimits: Hashable, Sendable {
  /// The greatest depth whose states are found; nil for any.
  public var depthMax: Int?
  /// The most memory that it takes, in bytes.
  public var byteCountMax: Int

  /// Whether what follows a state found again is compared with what follows the first of its
  /// digest.
  ///
  /// For a model in doubt: it takes a multiple of the time and of the memory.
  public var comparesFutures: Bool

  /// Makes limits.
  public init(depthMax: Int? = nil, byteCountMax: Int = .max, comparesFutures: Bool = false) {
    (self.depthMax, self.byteCountMax) = (depthMax, byteCountMax)
    self.comparesFutures = comparesFutures
  }
}

/// Why an exploration has not seen all that the model can do.
public enum ExplorationBound: Hashable, Sendable {
  /// There are states outside the model's bounds.
  case model
  /// Not all outcomes of chance were tried.
  case sample
  /// There are states beyond the greatest depth.
  case depth
  /// The memory is spent.
  case memory
  /// Only some schedules were tried.
  case schedules
  /// The user ended it.
  case interrupt
}
