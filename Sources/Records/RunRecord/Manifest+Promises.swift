import ScaleModel

extension Manifest.Plan {
  /// What the channels of the run promise.
  package var promises: ChannelPromises {
    ChannelPromises(
      order: order.flatMap { ChannelPromises.Order(rawValue: $0) } ?? .fifo, loss: loss ?? 0,
      duplicate: duplicate ?? 0,
      transport: transport.flatMap { ChannelPromises.Transport(rawValue: $0) } ?? .tcp)
  }

  /// Takes over what a plan says of channels: only what is not usual.
  mutating func recordPromises(of plan: RunPlan) {
    let promises = plan.promises
    order = promises.order == .fifo ? nil : promises.order.rawValue
    loss = promises.loss == 0 ? nil : promises.loss
    duplicate = promises.duplicate == 0 ? nil : promises.duplicate
    transport = promises.transport == .tcp ? nil : promises.transport.rawValue
  }

  /// The options that make channels promise less than usual, in the words of a command.
  package var promiseWords: String {
    let words = [
      order.map { "--order \($0)" }, loss.map { "--loss \($0)" },
      duplicate.map { "--duplicate \($0)" }, transport.map { "--transport \($0)" },
    ]
    return words.compactMap(\.self).joined(separator: " ")
  }

  /// The first key of the promises that has an impossible value, and the problem.
  var promiseProblem: (key: String, problem: String)? {
    if let order, ChannelPromises.Order(rawValue: order) == nil {
      return ("plan.order", "the order is neither fifo nor none")
    }
    if let transport, ChannelPromises.Transport(rawValue: transport) == nil {
      return ("plan.transport", "the transport is neither tcp nor udp")
    }
    for (key, value) in [("plan.loss", loss), ("plan.duplicate", duplicate)] {
      if let value, !(0...1 ~= value) { return (key, "\(value) is not from 0 to 1") }
    }
    return nil
  }
}
