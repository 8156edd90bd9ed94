package io.inferc.benchmark.trace;

import io.inferc.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The combinations of shapes that requests had lately: open addressing, read without a lock. Only a
 * combination that is new takes the lock.
 */
final class ShapeTable {
  /** Beyond, the table starts anew; files do not depend on which object a combination is. */
  static final int MOST = 1 << 16;

  private static final int FIRST_CAPACITY = 64;

  private volatile @Nullable ShapeSet[] table = new @Nullable ShapeSet[FIRST_CAPACITY];
  private int count;

  /** Finds a combination or adds it. */
  ShapeSet of(Tensor[] inputs) {
    int hash = ShapeSet.hash(inputs);
    ShapeSet found = find(table, hash, inputs);
    return found == null ? add(hash, inputs) : found;
  }

  private static @Nullable ShapeSet find(@Nullable ShapeSet[] table, int hash, Tensor[] inputs) {
    int mask = table.length - 1;
    for (int i = hash & mask; ; i = (i + 1) & mask) {
      ShapeSet candidate = table[i];
      if (candidate == null || (candidate.hash == hash && candidate.isOf(inputs))) {
        return candidate;
      }
    }
  }

  private synchronized ShapeSet add(int hash, Tensor[] inputs) {
    @Nullable ShapeSet[] now = table;
    ShapeSet found = find(now, hash, inputs);
    if (found != null) {
      return found;
    }
    // A new table each time it changes much: readers have no lock, and see one or the other.
    if (count >= MOST) {
      now = new @Nullable ShapeSet[FIRST_CAPACITY];
      count = 0;
    } else if (count * 2 >= now.length) {
      now = grown(now);
    }
    ShapeSet added = ShapeSet.of(inputs, hash);
    put(now, added);
    count++;
    table = now;
    return added;
  }

  private static @Nullable ShapeSet[] grown(@Nullable ShapeSet[] table) {
    @Nullable ShapeSet[] larger = new @Nullable ShapeSet[table.length * 2];
    for (ShapeSet entry : table) {
      if (entry != null) {
        put(larger, entry);
      }
    }
    return larger;
  }

  private static void put(@Nullable ShapeSet[] table, ShapeSet entry) {
    int mask = table.length - 1;
    int i = entry.hash & mask;
    while (table[i] != null) {
      i = (i + 1) & mask;
    }
    table[i] = entry;
  }
}
