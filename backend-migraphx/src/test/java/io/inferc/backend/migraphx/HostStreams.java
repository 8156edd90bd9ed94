package io.inferc.backend.migraphx;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Streams of a device that is host memory, for trying asynchronous runs where there is no GPU.
 * Copies back are not done before a stream is waited for, so that whoever reads too early reads
 * rubbish; and everything that was not given back can be counted.
 */
final class HostStreams implements StreamRuntime {
  private final AtomicLong streams = new AtomicLong();
  private final Set<Long> open = ConcurrentHashMap.newKeySet();
  private final Map<Long, Memory> device = new ConcurrentHashMap<>();
  private final Map<Long, Memory> host = new ConcurrentHashMap<>();
  private final Map<Long, Deque<Runnable>> pending = new ConcurrentHashMap<>();
  private final Set<String> failing = new HashSet<>();

  /** Lets the next call of a function fail, as if the device had no memory left. */
  void failNext(String function) {
    failing.add(function);
  }

  /** How many streams and pieces of memory are there. */
  int held() {
    return open.size() + device.size() + host.size();
  }

  private void failIfAsked(String function) throws MigraphxCallException {
    if (failing.remove(function)) {
      throw MigraphxCallException.ofHip(function, 2, "hipErrorOutOfMemory");
    }
  }

  @Override
  public long createStream() throws MigraphxCallException {
    failIfAsked("createStream");
    long stream = streams.incrementAndGet();
    open.add(stream);
    pending.put(stream, new ArrayDeque<>());
    return stream;
  }

  @Override
  public void destroyStream(long stream) {
    if (!open.remove(stream) || !queue(stream).isEmpty()) {
      throw new IllegalStateException("a stream was destroyed twice, or with work in it");
    }
  }

  @Override
  public long allocate(long bytes) throws MigraphxCallException {
    failIfAsked("allocate");
    return allocateIn(device, bytes);
  }

  @Override
  public long allocateHost(long bytes) throws MigraphxCallException {
    failIfAsked("allocateHost");
    return allocateIn(host, bytes);
  }

  private static long allocateIn(Map<Long, Memory> owner, long bytes) {
    Memory memory = new Memory(bytes);
    memory.setMemory(0, bytes, (byte) 0x7f);
    owner.put(Pointer.nativeValue(memory), memory);
    return Pointer.nativeValue(memory);
  }

  @Override
  public void free(long address) {
    freeIn(device, address);
  }

  @Override
  public void freeHost(long address) {
    freeIn(host, address);
  }

  private static void freeIn(Map<Long, Memory> owner, long address) {
    Memory memory = owner.remove(address);
    if (memory == null) {
      throw new IllegalStateException("memory was freed that nobody allocated");
    }
    memory.close();
  }

  @Override
  public void copyIn(long to, long from, long bytes, long stream) throws MigraphxCallException {
    failIfAsked("copyIn");
    if (!device.containsKey(to)) {
      throw new IllegalStateException("a copy to memory that is not on the device");
    }
    CMemory.memcpy(to, from, bytes);
  }

  @Override
  public void copyOut(long to, long from, long bytes, long stream) throws MigraphxCallException {
    failIfAsked("copyOut");
    if (!host.containsKey(to)) {
      throw new IllegalStateException("a copy to memory that is not on the host");
    }
    queue(stream).add(() -> CMemory.memcpy(to, from, bytes));
  }

  @Override
  public void synchronize(long stream) throws MigraphxCallException {
    Deque<Runnable> queue = queue(stream);
    while (!queue.isEmpty()) {
      queue.remove().run();
    }
    failIfAsked("synchronize");
  }

  private Deque<Runnable> queue(long stream) {
    Deque<Runnable> queue = pending.get(stream);
    if (queue == null) {
      throw new IllegalStateException("there is no stream " + stream);
    }
    return queue;
  }

  @Override
  public String streamTypeName() {
    return "ihipStream_t";
  }
}
