package io.inferc.backend.migraphx;

/**
 * What asynchronous runs need of a device's runtime: queues of work, memory, and copies that are
 * put into a queue. Addresses and streams are handles of the runtime; whoever asked for one gives
 * it back.
 *
 * <p>Thread-safe. Every call works on one device, whatever thread it comes from.
 */
interface StreamRuntime {
  /** Makes a queue of work that is independent of all others. */
  long createStream() throws MigraphxCallException;

  /** Ends a queue; nothing may be left in it. */
  void destroyStream(long stream);

  /** Allocates memory on the device. */
  long allocate(long bytes) throws MigraphxCallException;

  /** Frees memory on the device. */
  void free(long address);

  /** Allocates host memory that the device can write by itself. */
  long allocateHost(long bytes) throws MigraphxCallException;

  /** Frees what {@link #allocateHost} returned. */
  void freeHost(long address);

  /** Puts a copy from the host to the device into a queue. The source must stay as it is. */
  void copyIn(long to, long from, long bytes, long stream) throws MigraphxCallException;

  /** Puts a copy from the device to the host into a queue. */
  void copyOut(long to, long from, long bytes, long stream) throws MigraphxCallException;

  /** Waits until everything in a queue is done. */
  void synchronize(long stream) throws MigraphxCallException;

  /**
   * What MIGraphX calls the type of a stream's handle. It compares the name with the one its
   * compiler gives the type, and refuses a run with another.
   */
  String streamTypeName();
}
