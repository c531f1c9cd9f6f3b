#if GRPC
  import RunRecord
  import ScaleModel
  import Testing

  @testable import Service

  @Suite("Messages and states of any workload, in calls")
  struct WorkloadMessagesTests {
    private static let declared = [
      FieldDeclaration("kind", .word(["request", "reply"])), FieldDeclaration("hops", .integer),
      FieldDeclaration("leader", .machine), FieldDeclaration("urgent", .boolean),
      FieldDeclaration("note", .text),
    ]
    private let ring = WorkloadMessages(
      of: .named(
        NamedWorkloadChoice(
          name: "ring", options: [:],
          fields: FieldNames(message: declared, state: declared, journaledState: declared),
          startStates: [[]])), machineCount: 3)
    private let bank = WorkloadMessages(
      of: .bank(Bank(balance: 5, transferProbability: 0)), machineCount: 3)

    private static func field(
      _ name: String, _ value: FieldValueMessage?
    ) -> ApplicationMessage.Field {
      ApplicationMessage.Field(name: name, value: value)
    }

    private func refusal(
      _ workload: WorkloadMessages, _ message: ApplicationMessage
    ) -> String? {
      do throws(CallStatus) {
        _ = try workload.values(of: message)
        return nil
      } catch {
        return error.code == .invalidArgument ? error.message : "\(error)"
      }
    }

    @Test("The values of all kinds come and go as they are, in any order; absent ones are nothing")
    func roundTrip() throws {
      let values: [FieldValue] = [
        .text("reply"), .integer(0), .integer(2), .boolean(false), .text("ü"),
      ]
      var message = ring.message(from: 1, reading: 7, values: values)
      #expect(message.senderID == "1" && message.logicalClock == 7 && message.amount == 0)
      message.fields.reverse()
      let sent = try ApplicationMessage(encoded: message.encoded)
      #expect(try ring.values(of: sent) == values)
      let empty = ring.message(from: 1, reading: 7, values: values.map { _ in .nothing })
      #expect(empty.fields == [])
      #expect(try ring.values(of: empty) == values.map { _ in .nothing })
    }

    @Test("A bank's messages are what they were: an amount, and no fields")
    func amounts() throws {
      let message = bank.message(from: 0, reading: 3, values: [.integer(12)])
      #expect(message == ApplicationMessage(senderID: "0", logicalClock: 3, amount: 12))
      #expect(try bank.values(of: message) == [.integer(12)])
      var state = ProcessState(processID: "0", accountBalances: [.init(accountID: "0", balance: 4)])
      #expect(try bank.values(of: state) == [.integer(4), .nothing])
      state.accountBalances = []
      #expect(throws: CallStatus(.invalidArgument, "a recorded state has one account")) {
        try bank.values(of: state)
      }
    }

    @Test(
      "A field that is not declared, or has another kind, is refused by its name",
      arguments: [
        (field("knid", .init(text: "reply")), "has no field 'knid'; did you mean 'kind'?"),
        (
          field("amount", .init(integer: 1)),
          "has no field 'amount'; it has 'kind', 'hops', 'leader', 'urgent', 'note'"
        ),
        (
          field("kind", .init(text: "token")),
          "field 'kind' of a message is 'token'; expected one of the words request, reply, 'text'"
        ),
        (field("hops", .init(text: "1")), "expected a whole number, 'integer'"),
        (field("leader", .init(integer: 3)), "expected a machine's id from 0 to 2, 'integer'"),
        (field("leader", .init(integer: -1)), "expected a machine's id from 0 to 2, 'integer'"),
        (field("urgent", .init(integer: 1)), "expected true or false, 'boolean'"),
        (
          field("note", .init(text: String(repeating: "x", count: 1025))),
          "expected a text of 1024 bytes at most, 'text'"
        ),
      ])
    func refused(field: ApplicationMessage.Field, complaint: String) {
      let refusal = refusal(ring, ApplicationMessage(fields: [field]))
      #expect(refusal?.contains(complaint) == true, "\(refusal ?? "it was taken")")
    }

    @Test("A state that no machine has is refused: its file would make the run unreadable")
    func impossibleStates() {
      let account = [ProcessState.AccountBalance(accountID: "0", balance: 4)]
      let debt = [ProcessState.AccountBalance(accountID: "0", balance: -4)]
      for (state, complaint) in [
        (ProcessState(logicalClock: 1 << 63, accountBalances: account), "at most 63 bits"),
        (ProcessState(tick: 1 << 63, accountBalances: account), "at most 63 bits"),
        (ProcessState(accountBalances: debt), "an account has no debt: -4"),
      ] {
        let status = #expect(throws: CallStatus.self) { try bank.values(of: state) }
        #expect(status?.code == .invalidArgument && status?.message.contains(complaint) == true)
      }
    }

    @Test("A negative share of what a workload conserves is refused, in messages and in states")
    func negativeShares() throws {
      let fields = FieldNames(
        message: Self.declared, state: Self.declared, journaledState: Self.declared)
      let words = ConservedFields.Words(name: "hops", symbol: "", holder: "machine", move: "hop")
      let conserved = ConservedQuantity(ConservedFields(message: 1, state: 1, words: words), fields)
      let relay = WorkloadMessages(
        of: .named(
          NamedWorkloadChoice(
            name: "relay", options: [:], fields: fields, startStates: [[]], conserved: conserved)),
        machineCount: 3)
      let hops = Self.field("hops", .init(integer: -1))
      #expect(refusal(ring, ApplicationMessage(fields: [hops])) == nil)
      #expect(
        refusal(relay, ApplicationMessage(fields: [hops]))
          == "field 'hops' of a message is negative: -1")
      let state = ProcessState(fields: [.init(name: "hops", value: .init(integer: -1))])
      #expect(try ring.values(of: state).contains(.integer(-1)))
      #expect(throws: CallStatus(.invalidArgument, "field 'hops' of a state is negative: -1")) {
        try relay.values(of: state)
      }
    }

    @Test("Amounts of others than banks, fields of banks and long readings are refused")
    func others() {
      #expect(
        refusal(ring, ApplicationMessage(amount: 1))?.contains("ring has no amount; it has") == true
      )
      #expect(
        refusal(bank, ApplicationMessage(amount: 1, fields: [.init(name: "kind")]))
          == "a bank's message has an amount, and no field 'kind'")
      #expect(
        refusal(ring, ApplicationMessage(logicalClock: 1 << 63))
          == "a message's reading has at most 63 bits")
    }
  }
#endif
