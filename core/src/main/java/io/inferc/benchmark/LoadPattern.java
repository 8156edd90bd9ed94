package io.inferc.benchmark;

/** How requests arrive. */
public sealed interface LoadPattern {
  /**
   * Each of some clients sends its next request when its last one was answered: the load adapts to
   * the model, and latency is service time.
   *
   * @param clients 1 or more, each with a session and a thread of its own
   */
  record ClosedLoop(int clients) implements LoadPattern {
    public ClosedLoop {
      if (clients < 1) {
        throw new IllegalArgumentException(
            "Tried to load a model with " + clients + " clients; it takes at least 1.");
      }
    }

    /** Returns for example {@code closed loop, 1 client}. */
    @Override
    public String toString() {
      return "closed loop, " + clients + (clients == 1 ? " client" : " clients");
    }
  }

  /**
   * Returns one client.
   *
   * @return a closed loop of one
   */
  static LoadPattern oneClient() {
    return new ClosedLoop(1);
  }
}
