import RunRecord
import Testing

/// Seeds and cluster files depend on these digests: hosts and versions must agree on them.
@Suite("Digests of texts")
struct TextDigestTests {
  @Test(
    "FNV-1a as published, and mixed once more",
    arguments: [
      ("", 0xCBF2_9CE4_8422_2325, 0xC381_7C01_6BA4_FF30),
      ("a", 0xAF63_DC4C_8601_EC8C, 0x5F29_C2AA_DD9B_8527),
      ("foobar", 0x8594_4171_F739_67E8, 0x5DF2_9541_3403_DE4F),
    ] as [(text: String, plain: UInt64, mixed: UInt64)])
  func published(row: (text: String, plain: UInt64, mixed: UInt64)) {
    #expect(TextDigest.plainWord(of: row.text) == row.plain)
    #expect(TextDigest.word(of: row.text) == row.mixed)
  }

  @Test("A salt gives another number, always the same one")
  func salted() {
    #expect(TextDigest.word(of: "foobar", salt: 1) == 0x36C4_8DFD_D312_C895)
    #expect(TextDigest.word(of: "foobar", salt: 2) == 0xC1FE_D0EB_C297_22F4)
  }
}
