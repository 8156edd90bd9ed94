package io.inferc.backend.openvino;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.CallbackThreadInitializer;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What OpenVINO calls when a request's run has ended.
 *
 * <p>There is one native function for the whole process, which is never freed, since OpenVINO may
 * call it until a request is gone; it is told by a number whose run has ended.
 */
final class RunCallback {
  private static final Logger LOG = LoggerFactory.getLogger(RunCallback.class);
  private static final AtomicLong NUMBERS = new AtomicLong();
  private static final Map<Long, RunCallback> BY_NUMBER = new ConcurrentHashMap<>();

  private final long number = NUMBERS.incrementAndGet();
  // OpenVINO keeps the address of this, not a copy: the function, then what it is given.
  private final Memory structure = Calls.cells(2);
  private final AtomicReference<@Nullable Runnable> ended = new AtomicReference<>();

  /** The C side's {@code void (*)(void* args)}. */
  interface Function extends Callback {
    void invoke(Pointer args);
  }

  /** Made when the first request asks for it, not when the class is read. */
  private static final class Entry {
    static final Function FUNCTION = RunCallback::called;
    static final Pointer ADDRESS = address();

    private Entry() {}

    private static Pointer address() {
      // A thread of OpenVINO's calls often, so it is made known to the JVM once, not at each call.
      Native.setCallbackThreadInitializer(
          FUNCTION, new CallbackThreadInitializer(true, false, "openvino"));
      return CallbackReference.getFunctionPointer(FUNCTION);
    }
  }

  /** Sets the callback of a request, which must be freed before {@link #forget} is called. */
  static RunCallback of(Pointer request) {
    RunCallback callback = new RunCallback();
    callback.structure.setPointer(0, Entry.ADDRESS);
    callback.structure.setPointer(8, new Pointer(callback.number));
    BY_NUMBER.put(callback.number, callback);
    boolean complete = false;
    try {
      Calls.check(OpenVinoC.ov_infer_request_set_callback(request, callback.structure));
      complete = true;
      return callback;
    } finally {
      if (!complete) {
        callback.forget();
      }
    }
  }

  /** Sets what hears of the end of the next run, once. */
  void expect(Runnable listener) {
    ended.set(listener);
  }

  /** Nothing hears of the next run. */
  void expectNothing() {
    ended.set(null);
  }

  /** Called by OpenVINO, of runs that nobody waits for too: nothing may be thrown into it. */
  private static void called(Pointer args) {
    try {
      RunCallback callback = BY_NUMBER.get(Pointer.nativeValue(args));
      Runnable listener = callback == null ? null : callback.ended.getAndSet(null);
      if (listener != null) {
        listener.run();
      }
    } catch (RuntimeException | Error e) {
      LOG.error("What hears of the end of a run failed", e);
    }
  }

  static int count() {
    return BY_NUMBER.size();
  }

  void forget() {
    BY_NUMBER.remove(number);
    structure.close();
  }
}
