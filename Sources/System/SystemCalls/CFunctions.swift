/// C functions whose names a Swift type also uses, made reachable from inside that type.
enum CFunctions {
  static func listenSocket(_ number: Int32, _ backlog: Int32) -> Int32 { listen(number, backlog) }
  static func connectSocket(
    _ number: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t
  ) -> Int32 { connect(number, address, size) }
  static func acceptSocket(
    _ number: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ size: inout socklen_t
  ) -> Int32 { accept(number, address, &size) }
  static func writeBytes(_ number: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(number, bytes, count)
  }
  static func makePipe(_ numbers: inout [Int32]) -> Int32 { pipe(&numbers) }
}
