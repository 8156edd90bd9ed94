package io.inferc.benchmark.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Groups requests so that little work is done if each were as large as the largest of its group, as
 * padding makes it: the sum over groups of its requests times the work of its largest sizes.
 *
 * <p>For one open size the best groups are ranges, and are found by dynamic programming over the
 * sizes in order, {@code cost[k][i] = min over m of cost[k-1][m] + requests(m+1..i) * work(i)}.
 * Work that grows with the size makes the best {@code m} grow with {@code i}, so each row is solved
 * by dividing at the middle. For several open sizes the two groups are merged whose union costs
 * least, until one is left, which is good but not always best.
 */
final class SizeClusters {
  /** Beyond, requests of about the same size begin in one group; merging is of the third degree. */
  private static final int MOST_FIRST_GROUPS = 256;

  private static final int FINEST_STEPS = 8;

  private final ToDoubleFunction<long[]> work;

  SizeClusters(ToDoubleFunction<long[]> work) {
    this.work = work;
  }

  /** A size for each open dimension, and how many requests have them. */
  static final class Point {
    private final long[] sizes;
    private final long requests;

    Point(long[] sizes, long requests) {
      this.sizes = sizes;
      this.requests = requests;
    }

    long[] sizes() {
      return sizes;
    }

    long requests() {
      return requests;
    }
  }

  /**
   * Groups points.
   *
   * @param points one or more, with different sizes
   * @param most how many groups at most
   * @return for each number of groups from 1 on, the largest sizes of each
   */
  List<List<long[]>> largest(List<Point> points, int most) {
    return points.get(0).sizes().length == 1 ? ranges(points, most) : merged(points, most);
  }

  private List<List<long[]>> ranges(List<Point> points, int most) {
    List<Point> sorted = new ArrayList<>(points);
    sorted.sort((a, b) -> Long.compare(a.sizes()[0], b.sizes()[0]));
    int n = sorted.size();
    double[] works = new double[n + 1];
    double[] before = new double[n + 1];
    for (int i = 1; i <= n; i++) {
      works[i] = work.applyAsDouble(sorted.get(i - 1).sizes());
      before[i] = before[i - 1] + sorted.get(i - 1).requests();
    }
    int groups = Math.min(most, n);
    int[][] ends = new int[groups + 1][n + 1];
    double[] row = new double[n + 1];
    Arrays.fill(row, 1, n + 1, Double.POSITIVE_INFINITY);
    List<List<long[]>> all = new ArrayList<>();
    for (int k = 1; k <= groups; k++) {
      Row solved = new Row(works, before, row, ends[k]);
      solve(solved, k, n, k - 1, n - 1);
      row = solved.next;
      List<long[]> found = new ArrayList<>();
      int end = n;
      for (int j = k; j >= 1; j--) {
        found.add(0, sorted.get(end - 1).sizes());
        end = ends[j][end];
      }
      all.add(found);
    }
    return all;
  }

  /** One number of groups: what is known of one group fewer, and what is found. */
  private static final class Row {
    private final double[] works;
    private final double[] before;
    private final double[] last;
    private final double[] next;
    private final int[] ends;

    private Row(double[] works, double[] before, double[] last, int[] ends) {
      this.works = works;
      this.before = before;
      this.last = last;
      this.ends = ends;
      next = new double[last.length];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
    }

    private double cost(int m, int i) {
      return last[m] + (before[i] - before[m]) * works[i];
    }
  }

  /** Solves places low to high of a row, whose best ends lie between least and most. */
  private static void solve(Row row, int low, int high, int least, int most) {
    if (low > high) {
      return;
    }
    int middle = (low + high) >>> 1;
    int best = least;
    for (int m = least; m <= Math.min(most, middle - 1); m++) {
      if (row.cost(m, middle) < row.cost(best, middle)) {
        best = m;
      }
    }
    row.next[middle] = row.cost(best, middle);
    row.ends[middle] = best;
    solve(row, low, middle - 1, least, best);
    solve(row, middle + 1, high, best, most);
  }

  private static final class Group {
    private final long[] largest;
    private final double requests;
    private final double cost;

    private Group(long[] largest, double requests, double cost) {
      this.largest = largest;
      this.requests = requests;
      this.cost = cost;
    }
  }

  private List<List<long[]>> merged(List<Point> points, int most) {
    List<Group> groups = first(points);
    TreeMap<Integer, List<long[]>> byCount = new TreeMap<>();
    while (true) {
      if (groups.size() <= most) {
        byCount.put(groups.size(), groups.stream().map(g -> g.largest).toList());
      }
      if (groups.size() == 1) {
        return List.copyOf(byCount.values());
      }
      mergeTwo(groups);
    }
  }

  private void mergeTwo(List<Group> groups) {
    int first = 0;
    int second = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < groups.size(); i++) {
      for (int j = i + 1; j < groups.size(); j++) {
        double more = more(groups.get(i), groups.get(j));
        if (more < least) {
          least = more;
          first = i;
          second = j;
        }
      }
    }
    Group union = union(groups.get(first), groups.get(second));
    groups.remove(second);
    groups.set(first, union);
  }

  /** What it costs to put two groups together. */
  private double more(Group a, Group b) {
    return union(a, b).cost - a.cost - b.cost;
  }

  private Group union(Group a, Group b) {
    return group(largest(a.largest, b.largest), a.requests + b.requests);
  }

  private Group group(long[] largest, double requests) {
    return new Group(largest, requests, requests * work.applyAsDouble(largest));
  }

  private static long[] largest(long[] a, long[] b) {
    long[] largest = new long[a.length];
    for (int i = 0; i < a.length; i++) {
      largest[i] = Math.max(a[i], b[i]);
    }
    return largest;
  }

  private List<Group> first(List<Point> points) {
    List<Group> groups = new ArrayList<>();
    for (Point point : points) {
      groups.add(group(point.sizes(), (double) point.requests()));
    }
    for (int steps = FINEST_STEPS; steps >= 1 && groups.size() > MOST_FIRST_GROUPS; steps /= 2) {
      groups = cells(points, steps);
    }
    if (groups.size() > MOST_FIRST_GROUPS) {
      groups = folded(groups);
    }
    // Ties are to fall the same way each time.
    groups.sort((a, b) -> Arrays.compare(a.largest, b.largest));
    return groups;
  }

  /** Groups points whose sizes are all about the same, with so many steps to a doubling. */
  private List<Group> cells(List<Point> points, int steps) {
    TreeMap<long[], Group> cells = new TreeMap<>(Arrays::compare);
    for (Point point : points) {
      long[] cell = Arrays.stream(point.sizes()).map(s -> coarse(s, steps)).toArray();
      cells.merge(cell, group(point.sizes(), (double) point.requests()), this::union);
    }
    return new ArrayList<>(cells.values());
  }

  /** The number of a size's step. */
  private static long coarse(long size, int steps) {
    return (long) Math.floor(Math.log(size + 1.0) / Math.log(2) * steps);
  }

  /** Keeps those with the most work, and puts each other one where it costs least. */
  private List<Group> folded(List<Group> groups) {
    groups.sort(
        Comparator.comparingDouble((Group g) -> -g.cost)
            .thenComparing((a, b) -> Arrays.compare(a.largest, b.largest)));
    List<Group> kept = new ArrayList<>(groups.subList(0, MOST_FIRST_GROUPS));
    for (Group small : groups.subList(MOST_FIRST_GROUPS, groups.size())) {
      int best = 0;
      for (int i = 1; i < kept.size(); i++) {
        if (more(kept.get(i), small) < more(kept.get(best), small)) {
          best = i;
        }
      }
      kept.set(best, union(kept.get(best), small));
    }
    return kept;
  }
}
