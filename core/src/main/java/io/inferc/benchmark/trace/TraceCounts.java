package io.inferc.benchmark.trace;

/** What recorders say that they could not record. */
record TraceCounts(long dropped, long droppedPayloads, long unshaped) {
  static final TraceCounts NONE = new TraceCounts(0, 0, 0);

  TraceCounts plus(TraceCounts other) {
    return new TraceCounts(
        SizeArithmetic.add(dropped, other.dropped),
        SizeArithmetic.add(droppedPayloads, other.droppedPayloads),
        SizeArithmetic.add(unshaped, other.unshaped));
  }
}
