package io.inferc.backend.tensorrt;

import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes objects that TensorRT made. Since version 10 they are freed by C++'s {@code delete}
 * alone, which the presets do not offer for them; what it does is to call the deleting destructor
 * in the object's table of virtual functions, and the presets can call a function of that form.
 *
 * <p>The place in the table follows from the C++ ABI that all compilers on Linux share: a class's
 * virtual functions in the order of declaration, the destructor taking two places of which the
 * second deletes.
 */
final class NativeObjects {
  /** TensorRT's own interfaces declare their destructor first. */
  static final int INTERFACE_SLOT = 1;

  private static final Logger LOG = LoggerFactory.getLogger(NativeObjects.class);
  private static final long LEAST_ADDRESS = 4096;
  private static final Path MAPPINGS = Path.of("/proc/self/maps");
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private NativeObjects() {}

  /**
   * Whether a pointer that TensorRT returned can be one: on failure it is null, or a small number.
   */
  static boolean isReal(@Nullable Pointer pointer) {
    return pointer != null && Long.compareUnsigned(pointer.address(), LEAST_ADDRESS) >= 0;
  }

  /** The place of the parser's deleting destructor, or -1 where it is not known. */
  static int parserSlot(TensorRtVersion version) {
    return switch (version.major()) {
      case 10 -> 9;
      case 11 -> 7;
      default -> -1;
    };
  }

  /** Deletes an object; one that cannot be deleted safely is left, with a warning once. */
  static void delete(@Nullable Pointer object, int slot) {
    if (!isReal(object) || object == null || slot < 0) {
      return;
    }
    try {
      long destructor = word(word(object.address()) + (long) slot * Long.BYTES);
      if (!isCode(destructor)) {
        throw new IllegalStateException("its table of functions is not where it should be");
      }
      call(destructor, object.address());
      object.setNull();
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (WARNED.compareAndSet(false, true)) {
        LOG.warn(
            "Objects of TensorRT cannot be freed here, so that memory grows with every model that"
                + " is closed: {}",
            e.toString());
      }
    }
  }

  /** Calls a native function of one argument, once. */
  static void call(long function, long argument) throws ReflectiveOperationException {
    Class<?> type = Class.forName("org.bytedeco.javacpp.Pointer$NativeDeallocator");
    Constructor<?> constructor = type.getDeclaredConstructor(Pointer.class, long.class, long.class);
    constructor.setAccessible(true);
    // When it is collected, JavaCPP makes the same call on a thread of its own, if none was made.
    Pointer owner = new Pointer();
    try {
      At.call(constructor.newInstance(owner, argument, function));
    } finally {
      Reference.reachabilityFence(owner);
    }
  }

  private static long word(long address) {
    return new LongPointer(new At(address)).capacity(1).get(0);
  }

  /** Whether an address lies in the code of a TensorRT library: nothing else is ever called. */
  private static boolean isCode(long address) {
    try (Stream<String> lines = Files.lines(MAPPINGS)) {
      return lines.anyMatch(
          line -> {
            int dash = line.indexOf('-');
            int space = line.indexOf(' ');
            return line.startsWith("r-x", space + 1)
                && line.contains("/libnv")
                && Long.compareUnsigned(address, hex(line, 0, dash)) >= 0
                && Long.compareUnsigned(address, hex(line, dash + 1, space)) < 0;
          });
    } catch (IOException e) {
      return false;
    }
  }

  private static long hex(String line, int from, int to) {
    return Long.parseUnsignedLong(line, from, to, 16);
  }

  /** A pointer to a given address. */
  private static final class At extends Pointer {
    At(long where) {
      address = where;
    }

    // Here, since only pointers see the type.
    static void call(Object function) {
      ((Deallocator) function).deallocate();
    }
  }
}
