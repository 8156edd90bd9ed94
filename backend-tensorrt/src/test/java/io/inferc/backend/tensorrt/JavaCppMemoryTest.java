package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** The limits of native memory in a JVM with a small heap. */
class JavaCppMemoryTest {
  private static final String PROPERTY = "org.bytedeco.javacpp.maxPhysicalBytes";

  private static String output(String... options) throws IOException {
    ChildJvm.Result child = ChildJvm.run(List.of(options), Limits.class);
    assertEquals(0, child.exitCode(), child.output());
    return child.output();
  }

  @Test
  void aSmallHeapLimitsNoNativeMemory() throws IOException {
    String output = output("-Xmx64m");
    assertTrue(output.contains("limits 0 and 0, left null"), output);
  }

  @Test
  void whatTheApplicationSaysStays() throws IOException {
    String output = output("-Xmx64m", "-D" + PROPERTY + "=5g");
    assertTrue(output.contains("limits 0 and 5368709120, left 5g"), output);
    String other = output("-Xmx64m", "-D" + PROPERTY.toLowerCase(java.util.Locale.ROOT) + "=6g");
    assertTrue(other.contains("limits 0 and 6442450944, left null"), other);
  }

  @Test
  void anApplicationThatUsedJavaCppBeforeIsTold() throws IOException {
    String output = output("-Xmx64m", "-Dused.before=true");
    assertTrue(output.contains("limits 67108864 and 268435456, left null"), output);
    assertTrue(output.contains("Start Java with -D" + PROPERTY + "=0"), output);
  }

  /** Prints the limits as they are once the back end has looked for its libraries. */
  public static final class Limits {
    private Limits() {}

    public static void main(String[] args) {
      if (Boolean.getBoolean("used.before") && Pointer.maxBytes() < 0) {
        throw new AssertionError("JavaCPP has no limits");
      }
      new TensorRtProvider().probe();
      System.out.println(
          "limits "
              + Pointer.maxBytes()
              + " and "
              + Pointer.maxPhysicalBytes()
              + ", left "
              + System.getProperty(PROPERTY));
    }
  }
}
