extension Explorer {
  /// A state that has been found and not expanded yet.
  @usableFromInline
  struct Frontier {
    @usableFromInline let index: UInt32
    @usableFromInline let state: Model.State

    @inlinable init(index: UInt32, state: Model.State) { (self.index, self.state) = (index, state) }
  }

  /// What one thread found.
  @usableFromInline
  struct Finding {
    /// One per state; nil for what the model must learn first.
    @usableFromInline var expansions: [Expansion?] = []
    /// What follows those, one behind the other.
    @usableFromInline var candidates: [Candidate] = []
    /// What candidates violate, by their number, ascending; apart from them, because few do.
    @usableFromInline var violations: [(number: Int, property: ViolatedProperty)] = []

    @inlinable init() {}
  }

  /// What follows one state.
  @usableFromInline
  struct Expansion {
    @usableFromInline let index: UInt32
    @usableFromInline let generatedCount: Int
    @usableFromInline let isReduced: Bool
    /// Whether not all that may come next was tried.
    @usableFromInline let isSampled: Bool
    /// The numbers of its candidates in the finding.
    @usableFromInline let candidates: Range<Int>
    /// What the state violates because nothing leads out of it; nil when it violates nothing so.
    @usableFromInline let atEnd: ViolatedProperty?

    @inlinable
    init(
      index: UInt32, generatedCount: Int, isReduced: Bool, isSampled: Bool,
      candidates: Range<Int>, atEnd: ViolatedProperty?
    ) {
      (self.index, self.generatedCount, self.isSampled) = (index, generatedCount, isSampled)
      (self.isReduced, self.candidates, self.atEnd) = (isReduced, candidates, atEnd)
    }
  }

  /// A state that may be new.
  @usableFromInline
  struct Candidate {
    @usableFromInline let digest: Digest
    @usableFromInline let parent: UInt32
    @usableFromInline let step: UInt32
    @usableFromInline let state: Model.State
    @usableFromInline let bound: StateBound
    @usableFromInline let representedCount: Int

    @inlinable
    init(
      _ state: Model.State, _ digest: Digest, parent: UInt32, step: UInt32, bound: StateBound,
      representedCount: Int
    ) {
      (self.state, self.digest, self.parent, self.step) = (state, digest, parent, step)
      (self.bound, self.representedCount) = (bound, representedCount)
    }
  }
}
