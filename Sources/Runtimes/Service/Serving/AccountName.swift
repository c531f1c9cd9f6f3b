import LogicalTime

/// The names of a machine and its account in a request.
enum AccountName {
  /// The machine of a name: its number, or its letter, A for machine 0; nil for any other name.
  static func machine(_ name: String) -> MachineID? {
    if let letter = name.utf8.first, name.utf8.count == 1,
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter)
    {
      return MachineID(Int(letter - UInt8(ascii: "A")))
    }
    guard let number = UInt32(name), "\(number)" == name else { return nil }
    return MachineID(Int(number))
  }
}
