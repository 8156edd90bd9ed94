package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProgramCacheTest {
  private final List<String> compiled = new ArrayList<>();
  private final List<String> freed = new ArrayList<>();

  private static ProgramKey key(long size) {
    return ProgramKey.ofSizes(new long[][] {{size, 3}});
  }

  private ProgramCache<String> cache(int most) {
    return new ProgramCache<>(
        most,
        key -> {
          compiled.add(key.toString());
          return key.toString();
        },
        freed::add);
  }

  @Test
  void aProgramIsCompiledOnceForItsSizes() {
    ProgramCache<String> cache = cache(2);
    String first = cache.acquire(key(1));
    assertSame(first, cache.acquire(key(1)));
    assertEquals(List.of("[[1, 3]]"), compiled);
    assertTrue(cache.contains(key(1)));
    assertFalse(cache.contains(key(2)));
  }

  @Test
  void theOneNotUsedForTheLongestTimeIsFreedFirst() {
    ProgramCache<String> cache = cache(2);
    for (long size : new long[] {1, 2, 1, 3}) {
      cache.acquire(key(size));
      cache.release(key(size));
    }
    assertEquals(List.of("[[2, 3]]"), freed);
    cache.close();
    assertEquals(Set.of("[[1, 3]]", "[[2, 3]]", "[[3, 3]]"), Set.copyOf(freed));
    assertEquals(3, freed.size());
  }

  @Test
  void oneThatIsHeldIsNeverFreedThoughThereAreTooMany() {
    ProgramCache<String> cache = cache(1);
    cache.acquire(key(1));
    cache.acquire(key(2));
    cache.acquire(key(3));
    assertEquals(List.of(), freed);
    cache.release(key(2));
    assertEquals(List.of("[[2, 3]]"), freed);
    cache.release(key(1));
    assertEquals(List.of("[[2, 3]]", "[[1, 3]]"), freed);
    cache.release(key(3));
    assertEquals(2, freed.size());
  }

  @Test
  void programsHeldForSavingOutliveTheirSessions() {
    ProgramCache<String> cache = cache(1);
    cache.acquire(key(1));
    cache.release(key(1));
    assertEquals(Set.of(key(1)), cache.acquireAll().keySet());
    cache.acquire(key(2));
    assertEquals(List.of(), freed);
    cache.release(key(1));
    assertEquals(List.of("[[1, 3]]"), freed);
  }

  @Test
  void aCompilationThatFailsLeavesNothingBehindAndIsTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    ProgramCache<String> cache =
        new ProgramCache<>(
            1,
            key -> {
              if (attempts.incrementAndGet() == 1) {
                throw new IllegalStateException("refused");
              }
              return "made";
            },
            freed::add);
    assertThrows(IllegalStateException.class, () -> cache.acquire(key(1)));
    assertFalse(cache.contains(key(1)));
    assertEquals("made", cache.acquire(key(1)));
  }

  @Test
  void givingBackWhatNobodyHoldsIsAMistake() {
    ProgramCache<String> cache = cache(1);
    assertThrows(IllegalStateException.class, () -> cache.release(key(1)));
  }

  @Test
  void threadsNeverSeeAFreedProgram() throws Exception {
    Set<Object> dead = ConcurrentHashMap.newKeySet();
    AtomicReference<String> wrong = new AtomicReference<>();
    ProgramCache<Object> cache = new ProgramCache<>(2, key -> new Object(), dead::add);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> futures = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int seed = t;
      futures.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  ProgramKey key = key((seed + i * 7L) % 5);
                  Object program = cache.acquire(key);
                  if (dead.contains(program)) {
                    wrong.set("a freed program was handed out for " + key);
                  }
                  Thread.yield();
                  if (dead.contains(program)) {
                    wrong.set("a held program was freed: " + key);
                  }
                  cache.release(key);
                }
              }));
    }
    for (Future<?> f : futures) {
      f.get();
    }
    threads.shutdown();
    assertEquals(null, wrong.get());
  }
}
