package io.inferc.backend.tensorrt;

import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lifts the limits that JavaCPP sets on native memory by the size of the Java heap: all that it
 * allocates may be as large as the heap, and the whole process four times as large. NVIDIA's
 * libraries alone take more than that beside a small heap, and every pointer would then wait a
 * second for the collector and fail. Pointers of this back end are closed, not collected, so that
 * the limits protect from nothing.
 *
 * <p>JavaCPP reads its limits once. What the application says of them stays.
 */
final class JavaCppMemory {
  private static final Logger LOG = LoggerFactory.getLogger(JavaCppMemory.class);
  private static final String PREFIX = "org.bytedeco.javacpp.";

  /** The names of one limit, since JavaCPP reads two spellings. */
  private static final List<List<String>> LIMITS =
      List.of(
          List.of(PREFIX + "maxBytes", PREFIX + "maxbytes"),
          List.of(PREFIX + "maxPhysicalBytes", PREFIX + "maxphysicalbytes"));

  private JavaCppMemory() {}

  /** Lifts the limits, if JavaCPP was not in use before; nothing of it is in use yet after that. */
  static void liftLimits() {
    List<String> free =
        LIMITS.stream()
            .filter(names -> names.stream().allMatch(n -> System.getProperty(n) == null))
            .map(names -> names.get(0))
            .toList();
    free.forEach(name -> System.setProperty(name, "0"));
    long whole;
    try {
      // Its static initializer reads them.
      whole = Pointer.maxPhysicalBytes();
    } finally {
      free.forEach(System::clearProperty);
    }
    if (free.contains(PREFIX + "maxPhysicalBytes") && whole > 0) {
      LOG.warn(
          "JavaCPP was in use before inferc's TensorRT back end and lets this process have {} MB of"
              + " memory, which NVIDIA's libraries may exceed: then pointers cannot be made. Start"
              + " Java with -D{}maxPhysicalBytes=0 and -D{}maxBytes=0.",
          whole >> 20,
          PREFIX,
          PREFIX);
    }
  }
}
