package io.inferc.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * English sentences on a dozen topics, written for inferc.
 *
 * @param topic what the sentence is about
 * @param text the sentence, 5 to 60 words
 */
record Corpus(String topic, String text) {
  private static final String SENTENCES = "corpus.tsv";
  private static final String QUERIES = "queries.tsv";
  private static final int UNSEEN_OF = 6;

  static List<Corpus> sentences() {
    return read(SENTENCES);
  }

  /**
   * Sentences to calibrate with and others to judge the result by.
   *
   * @param calibration five of six
   * @param unseen every sixth
   */
  record Split(List<Corpus> calibration, List<Corpus> unseen) {
    /** Half of those not calibrated on, for a search to judge its mixes by. */
    List<Corpus> judging() {
      return everySecond(0);
    }

    /** The other half, which what a search found has not been chosen by. */
    List<Corpus> proving() {
      return everySecond(1);
    }

    private List<Corpus> everySecond(int first) {
      return IntStream.range(0, unseen.size())
          .filter(i -> i % 2 == first)
          .mapToObj(unseen::get)
          .toList();
    }
  }

  /** Splits the sentences, always in the same way. */
  static Split split() {
    List<Corpus> calibration = new ArrayList<>();
    List<Corpus> unseen = new ArrayList<>();
    int index = 0;
    for (Corpus c : sentences()) {
      (index++ % UNSEEN_OF == 0 ? unseen : calibration).add(c);
    }
    return new Split(List.copyOf(calibration), List.copyOf(unseen));
  }

  /** Search queries, each with the topic its best answer is about. */
  static List<Corpus> queries() {
    return read(QUERIES);
  }

  private static List<Corpus> read(String resource) {
    try (InputStream in = Corpus.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + resource + " is not on the class path");
      }
      List<Corpus> entries = new ArrayList<>();
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        int tab = line.indexOf('\t');
        entries.add(new Corpus(line.substring(0, tab), line.substring(tab + 1)));
      }
      return List.copyOf(entries);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
