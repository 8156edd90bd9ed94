package io.inferc.backend.migraphx;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The compiled programs of one model. Each is compiled once, while others stay within reach, and
 * kept until there are too many; one that a session holds is never freed.
 *
 * <p>Thread-safe.
 *
 * @param <P> the programs
 */
final class ProgramCache<P> {
  private final int most;
  private final Function<ProgramKey, P> compiler;
  private final Consumer<P> free;
  private final Map<ProgramKey, Entry<P>> entries = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Makes an empty cache.
   *
   * @param most how many programs that nobody holds are kept at most, with those held
   * @param compiler makes a program; called by one thread at a time for each key
   * @param free frees a program that nobody holds
   */
  ProgramCache(int most, Function<ProgramKey, P> compiler, Consumer<P> free) {
    this.most = most;
    this.compiler = compiler;
    this.free = free;
  }

  /** A place for a program; guarded by the cache but for the program, which it guards itself. */
  private static final class Entry<P> {
    private int holders;
    private volatile @Nullable P program;
  }

  /** Returns the program of a key, compiling it if there is none, until {@link #release}. */
  P acquire(ProgramKey key) {
    Entry<P> entry;
    synchronized (this) {
      entry = entries.computeIfAbsent(key, k -> new Entry<>());
      entry.holders++;
    }
    boolean complete = false;
    try {
      P program = entry.program;
      if (program == null) {
        program = compileOnce(key, entry);
        dropBeyondMost();
      }
      complete = true;
      return program;
    } finally {
      if (!complete) {
        release(key);
      }
    }
  }

  private P compileOnce(ProgramKey key, Entry<P> entry) {
    synchronized (entry) {
      P program = entry.program;
      if (program == null) {
        program = compiler.apply(key);
        entry.program = program;
      }
      return program;
    }
  }

  /** Puts in a program that came from elsewhere. */
  synchronized void put(ProgramKey key, P program) {
    Entry<P> entry = new Entry<>();
    entry.program = program;
    entries.put(key, entry);
  }

  /** Gives a program back. */
  void release(ProgramKey key) {
    synchronized (this) {
      Entry<P> entry = entries.get(key);
      if (entry == null || entry.holders == 0) {
        throw new IllegalStateException("a program was given back that nobody holds: " + key);
      }
      entry.holders--;
      if (entry.holders == 0 && entry.program == null) {
        entries.remove(key);
      }
    }
    dropBeyondMost();
  }

  private synchronized void dropBeyondMost() {
    Iterator<Entry<P>> oldestFirst = entries.values().iterator();
    while (entries.size() > most && oldestFirst.hasNext()) {
      Entry<P> entry = oldestFirst.next();
      P program = entry.program;
      if (entry.holders == 0 && program != null) {
        oldestFirst.remove();
        free.accept(program);
      }
    }
  }

  /** Tells whether there is a program for a key. */
  synchronized boolean contains(ProgramKey key) {
    Entry<P> entry = entries.get(key);
    return entry != null && entry.program != null;
  }

  /** Returns the programs there are; each is to be given back with {@link #release}. */
  synchronized Map<ProgramKey, P> acquireAll() {
    Map<ProgramKey, P> found = new LinkedHashMap<>();
    entries.forEach(
        (key, entry) -> {
          P program = entry.program;
          if (program != null) {
            entry.holders++;
            found.put(key, program);
          }
        });
    return found;
  }

  /** Frees all programs. Nobody may hold one. */
  synchronized void close() {
    for (Entry<P> entry : entries.values()) {
      P program = entry.program;
      if (program != null) {
        free.accept(program);
      }
    }
    entries.clear();
  }
}
