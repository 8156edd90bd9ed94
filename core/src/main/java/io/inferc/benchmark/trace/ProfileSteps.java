package io.inferc.benchmark.trace;

import io.inferc.benchmark.trace.SizeClusters.Point;
import io.inferc.runtime.ShapeProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Makes profiles of groups of requests, and counts what they come to as requests are served. */
final class ProfileSteps {
  private final OpenSizes open;
  private final List<Point> points;
  private final double requested;

  private ProfileSteps(OpenSizes open, List<Point> points) {
    this.open = open;
    // By work, so that the middle request of a group is found by counting.
    this.points = new ArrayList<>(points);
    this.points.sort(Comparator.comparingDouble(p -> open.elements(p.sizes())));
    requested = points.stream().mapToDouble(p -> work(p, p.sizes())).sum();
  }

  static List<ProfileStep> of(OpenSizes open, List<Point> points, int most) {
    ProfileSteps made = new ProfileSteps(open, points);
    List<ProfileStep> steps = new ArrayList<>();
    double last = Double.NaN;
    for (List<long[]> largest : new SizeClusters(open::elements).largest(points, most)) {
      List<Group> groups = made.serve(largest);
      // Fewer where one served nothing that a smaller one does not.
      if (groups.size() > steps.size()) {
        double padded = groups.stream().mapToDouble(g -> g.padded).sum();
        double gain = steps.isEmpty() || last == 0 ? 0 : 1 - padded / last;
        steps.add(made.step(groups, padded, gain));
        last = padded;
      }
    }
    return steps;
  }

  /** A profile's requests. */
  private static final class Group {
    private final long[] largest;
    private final List<Point> members = new ArrayList<>();
    private long requests;
    private double padded;

    private Group(long[] largest) {
      this.largest = largest;
    }
  }

  private double work(Point point, long[] sizes) {
    return point.requests() * open.elements(sizes);
  }

  /** Gives each request to the first profile that has it, as a compiled model does. */
  private List<Group> serve(List<long[]> largest) {
    List<Group> groups = new ArrayList<>();
    largest.stream()
        .sorted(Comparator.<long[]>comparingDouble(open::elements).thenComparing(Arrays::compare))
        .forEach(l -> groups.add(new Group(l)));
    for (Point point : points) {
      for (Group group : groups) {
        if (contains(group.largest, point.sizes())) {
          group.members.add(point);
          group.requests += point.requests();
          group.padded += work(point, group.largest);
          break;
        }
      }
    }
    groups.removeIf(g -> g.members.isEmpty());
    return groups;
  }

  private static boolean contains(long[] largest, long[] sizes) {
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] > largest[i]) {
        return false;
      }
    }
    return true;
  }

  private ProfileStep step(List<Group> groups, double padded, double gain) {
    List<ShapeProfile> profiles = new ArrayList<>();
    double atOptimum = 0;
    for (Group group : groups) {
      Point middle = middle(group);
      atOptimum += work(middle, middle.sizes());
      long[] least = least();
      if (open.count() == 1 && !profiles.isEmpty()) {
        least[0] = groups.get(profiles.size() - 1).largest[0] + 1;
      }
      profiles.add(
          open.profile("traced-" + (profiles.size() + 1), least, middle.sizes(), group.largest));
    }
    return new ProfileStep(
        profiles,
        padded == 0 ? 0 : Math.max(0, 1 - requested / padded),
        requested == 0 ? 1 : atOptimum / requested,
        Math.max(0, gain),
        groups.stream().map(g -> g.requests).toList());
  }

  private long[] least() {
    long[] least = points.get(0).sizes().clone();
    for (Point point : points) {
      for (int i = 0; i < least.length; i++) {
        least[i] = Math.min(least[i], point.sizes()[i]);
      }
    }
    return least;
  }

  /** The request with half of its group's requests before it, by their work. */
  private static Point middle(Group group) {
    long before = 0;
    for (Point member : group.members) {
      before += member.requests();
      if (before * 2 >= group.requests) {
        return member;
      }
    }
    throw new IllegalStateException("A group has no middle request.");
  }
}
