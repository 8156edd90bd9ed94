package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes ONNX Runtime's environment on a thread with a stack of its own.
 *
 * <p>While it is made, version 1.29 recurses over the command line of the process, some 250 bytes
 * of stack for each character (measured). A class path of a few thousand characters then overflows
 * the megabyte that a Java thread has, and an overflow in native code ends the process.
 */
final class DeepStack {
  // Enough for a million characters; only pages that are touched become memory.
  private static final long BYTES = 256L << 20;

  private DeepStack() {}

  /** Calls on such a thread, and waits for it. */
  static OrtEnvironment call(Callable<OrtEnvironment> maker) throws ExecutionException {
    FutureTask<OrtEnvironment> task = new FutureTask<>(maker);
    new Thread(null, task, "inferc-onnxruntime-environment", BYTES).start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          // The maker may use what the caller is about to close.
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
