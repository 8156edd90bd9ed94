package io.inferc.tensor;

/** Where the bytes of a tensor live. */
public enum MemoryKind {
  /** Ordinary memory of the process, outside the Java heap. */
  HOST,
  /** Host memory locked for direct access by a device, so that copies run at full speed. */
  PINNED,
  /** Memory of an accelerator; Java cannot read it without a copy. */
  DEVICE
}
