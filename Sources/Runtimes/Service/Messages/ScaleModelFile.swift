/// `scalemodel.proto` as tables of this module; a test compares them with its text.
enum ScaleModelFile {
  static let file = ProtoFile(
    name: "scalemodel.proto", package: "scalemodel.v1",
    messages: [
      MessageDescription(GetBalanceRequest.self), MessageDescription(GetBalanceResponse.self),
      MessageDescription(TransferRequest.self), MessageDescription(TransferResponse.self),
      MessageDescription(DepositRequest.self), MessageDescription(DepositResponse.self),
      MessageDescription(WithdrawRequest.self), MessageDescription(WithdrawResponse.self),
      MessageDescription(InitiateSnapshotRequest.self),
      MessageDescription(InitiateSnapshotResponse.self),
      MessageDescription(MarkerMessage.self), MessageDescription(MarkerResponse.self),
      MessageDescription(FieldValueMessage.self), MessageDescription(ApplicationMessage.self),
      MessageDescription(ApplicationMessage.Field.self),
      MessageDescription(SendMessageResponse.self),
      MessageDescription(ProcessState.self),
      MessageDescription(ProcessState.AccountBalance.self),
      MessageDescription(ProcessState.Field.self),
      MessageDescription(ChannelStateMessage.self),
      MessageDescription(GetSnapshotRequest.self), MessageDescription(GetSnapshotResponse.self),
      MessageDescription(GetGlobalSnapshotRequest.self),
      MessageDescription(GetGlobalSnapshotResponse.self),
      MessageDescription(WatchSnapshotsRequest.self),
      MessageDescription(WatchSnapshotsResponse.self),
      MessageDescription(ChannelFrame.self), MessageDescription(Hello.self),
      MessageDescription(StateRecorded.self), MessageDescription(RunBegins.self),
      MessageDescription(BeginSnapshot.self),
    ],
    services: [BankMethods.description, SnapshotMethods.description])
}
