package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Calls of native functions while the collector runs. */
class NativeObjectsTest {
  private static final long MICROSECONDS = 400_000;

  @Test
  void aDestructorIsCalledOnceAlsoIfTheCollectorRunsMeanwhile() throws Exception {
    Assumptions.assumeTrue(Pointer.maxBytes() >= 0, "JavaCPP's own library cannot be loaded here");
    long sleep = address();
    CompletableFuture<Void> call =
        CompletableFuture.runAsync(
            () -> {
              try {
                NativeObjects.call(sleep, MICROSECONDS);
              } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
              }
            });
    int seen = 0;
    while (!call.isDone()) {
      System.gc();
      Thread.sleep(20);
      List<String> threads =
          Thread.getAllStackTraces().entrySet().stream()
              .filter(t -> isInDeallocator(t.getValue()))
              .map(t -> t.getKey().getName())
              .toList();
      seen += threads.size();
      assertTrue(threads.size() <= 1, () -> "the same call was made by " + threads);
    }
    call.join();
    assertTrue(seen > 0, "the call was not seen");
    assertEquals(0, callsLater());
  }

  /** The address of a function of the C library that takes its time. */
  private static long address() {
    Pointer function = Loader.addressof("usleep");
    Assumptions.assumeTrue(function != null, "the C library has no usleep");
    return function.address();
  }

  private static boolean isInDeallocator(StackTraceElement[] stack) {
    return Arrays.stream(stack)
        .anyMatch(
            e ->
                e.getClassName().equals("org.bytedeco.javacpp.Pointer$NativeDeallocator")
                    && e.getMethodName().equals("deallocate"));
  }

  /** How many of the next looks find a thread in the call, once the collector may have it. */
  private static int callsLater() throws InterruptedException {
    int found = 0;
    for (int i = 0; i < 10; i++) {
      System.gc();
      Thread.sleep(20);
      found +=
          Thread.getAllStackTraces().values().stream().anyMatch(NativeObjectsTest::isInDeallocator)
              ? 1
              : 0;
    }
    return found;
  }
}
