import LogicalTime

/// What follows from the model for the clocks, where every machine hears of the fastest: the
/// largest reading then grows by one with each of its ticks.
extension FluidModel {
  /// The mean jump of a machine's clock.
  ///
  /// It goes forward as fast as the machine hears of the others' clocks, in as many events as it
  /// has ticks: a saturated machine hears of them late, by its growing queue.
  package func meanJump(of machine: MachineID) -> Double {
    fastestRate / max(rates[machine.index], arrivalRates[machine.index])
  }

  /// How much a machine falls behind the largest reading, in events per second; zero when it keeps
  /// up.
  package func driftGrowth(of machine: MachineID) -> Double {
    queueGrowth(of: machine) > 0
      ? fastestRate * (1 - rates[machine.index] / arrivalRates[machine.index]) : 0
  }

  private var fastestRate: Double { rates.max() ?? 0 }
}
