package io.inferc.backend.migraphx;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The compiled programs of one model. Each is compiled once, while others stay within reach, and
 * kept until there are too many; one that a session holds is never freed.
 *
 * <p>Thread-safe.
 */
final class ProgramCache {
  private final int most;
  private final Function<ProgramKey, Program> compiler;
  private final Map<ProgramKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Makes an empty cache.
   *
   * @param most how many programs that nobody holds are kept at most, with those held
   * @param compiler makes a program; called by one thread at a time for each key
   */
  ProgramCache(int most, Function<ProgramKey, Program> compiler) {
    this.most = most;
    this.compiler = compiler;
  }

  /** A place for a program; guarded by the cache but for the program, which it guards itself. */
  private static final class Entry {
    private int holders;
    private volatile @Nullable Program program;
  }

  /** Returns the program of a key, compiling it if there is none, until {@link #release}. */
  Program acquire(ProgramKey key) {
    Entry entry;
    synchronized (this) {
      entry = entries.computeIfAbsent(key, k -> new Entry());
      entry.holders++;
    }
    boolean complete = false;
    try {
      Program program = entry.program;
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

  private Program compileOnce(ProgramKey key, Entry entry) {
    synchronized (entry) {
      Program program = entry.program;
      if (program == null) {
        program = compiler.apply(key);
        entry.program = program;
      }
      return program;
    }
  }

  /** Puts in a program that came from elsewhere. */
  synchronized void put(ProgramKey key, Program program) {
    Entry entry = new Entry();
    entry.program = program;
    entries.put(key, entry);
  }

  /** Gives a program back. */
  void release(ProgramKey key) {
    synchronized (this) {
      Entry entry = entries.get(key);
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
    Iterator<Entry> oldestFirst = entries.values().iterator();
    while (entries.size() > most && oldestFirst.hasNext()) {
      Entry entry = oldestFirst.next();
      Program program = entry.program;
      if (entry.holders == 0 && program != null) {
        oldestFirst.remove();
        program.free();
      }
    }
  }

  /** Returns the programs there are, the one not used for the longest time first. */
  synchronized Map<ProgramKey, Program> programs() {
    Map<ProgramKey, Program> found = new LinkedHashMap<>();
    entries.forEach(
        (key, entry) -> {
          Program program = entry.program;
          if (program != null) {
            found.put(key, program);
          }
        });
    return found;
  }

  /** Frees all programs. Nobody may hold one. */
  synchronized void close() {
    for (Entry entry : entries.values()) {
      Program program = entry.program;
      if (program != null) {
        program.free();
      }
    }
    entries.clear();
  }
}
