package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.testing.RuntimeDialects;
import org.junit.jupiter.api.Test;

/** The dialect is the one that core's tests quantize real and random models in. */
class DialectsTest {
  @Test
  void coreTestsWithTheDialectOfProcessorsWithVnni() {
    for (String flags : new String[] {"amd64 avx2 avx512_vnni", "amd64 avx_vnni", "aarch64"}) {
      assertEquals(
          RuntimeDialects.describe(RuntimeDialects.ONNX_RUNTIME),
          RuntimeDialects.describe(Dialects.cpu(flags)),
          flags);
    }
  }

  @Test
  void coreTestsWithTheDialectOfProcessorsWithout() {
    assertEquals(
        RuntimeDialects.describe(RuntimeDialects.ONNX_RUNTIME_REDUCED),
        RuntimeDialects.describe(Dialects.cpu("amd64 avx2 avx512f")));
  }
}
