import Testing

@testable import Pictures

@Suite("The bytes of a page's diagram")
struct EventBytesTests {
  @Test(
    "Bytes become text as the standard has it",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func base64(bytes: String, expected: String) {
    #expect(Base64Text.encoded(Array(bytes.utf8)) == expected)
  }

  @Test("All 64 digits occur, in their order")
  func base64Digits() {
    let bytes: [UInt8] = [
      0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8B, 0x30, 0xD3, 0x8F, 0x41, 0x14, 0x93,
      0x51, 0x55, 0x97, 0x61, 0x96, 0x9B, 0x71, 0xD7, 0x9F, 0x82, 0x18, 0xA3, 0x92, 0x59, 0xA7,
      0xA2, 0x9A, 0xAB, 0xB2, 0xDB, 0xAF, 0xC3, 0x1C, 0xB3, 0xD3, 0x5D, 0xB7, 0xE3, 0x9E, 0xBB,
      0xF3, 0xDF, 0xBF,
    ]
    #expect(
      Base64Text.encoded(bytes)
        == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    #expect(Base64Text.encoded(bytes + bytes).split(separator: "\n").count == 2)
  }
}
