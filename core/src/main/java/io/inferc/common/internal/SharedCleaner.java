package io.inferc.common.internal;

import java.lang.ref.Cleaner;

/** The library's one cleaner, since each has a thread of its own. */
public final class SharedCleaner {
  private static final Cleaner CLEANER = Cleaner.create();

  private SharedCleaner() {}

  /**
   * Returns the cleaner. What is registered should be brief, since all others wait for it.
   *
   * @return always the same
   */
  public static Cleaner get() {
    return CLEANER;
  }
}
