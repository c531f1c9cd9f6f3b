/// How far an exploration has come.
package struct ExplorationProgress: Hashable, Sendable {
  /// How many different states it has found.
  package var distinctCount = 0
  /// How many times it came to a state, first states included.
  package var generatedCount = 0
  /// How many states are on the shortest way to the last state found; a first state has depth 1.
  package var depth = 0
  /// How many states it has found and not expanded yet.
  package var queueCount = 0
  /// How many bytes all that takes, about.
  package var byteCount = 0
  /// Whether the first states have been found.
  var hasBegun = false
}

/// Where an exploration ends although more might follow.
package struct ExplorationLimits: Hashable, Sendable {
  /// The greatest depth whose states are found; nil for any.
  package var depthMax: Int?
  /// The most memory that it takes, in bytes.
  package var byteCountMax: Int

  /// Makes limits.
  package init(depthMax: Int? = nil, byteCountMax: Int = .max) {
    (self.depthMax, self.byteCountMax) = (depthMax, byteCountMax)
  }
}

/// Why an exploration has not seen all that the model can do.
package enum ExplorationBound: Hashable, Sendable {
  /// There are states outside the model's bounds.
  case model
  /// Not all outcomes of chance were tried.
  case sample
  /// There are states beyond the greatest depth.
  case depth
  /// The memory is spent.
  case memory
  /// The user ended it.
  case interrupt
}
