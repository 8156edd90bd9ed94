package io.inferc.report;

import static j2html.TagCreator.h1;
import static j2html.TagCreator.main;
import static j2html.TagCreator.p;

import j2html.tags.specialized.MainTag;

/** The page of a study under load. */
final class LoadHtml {
  private LoadHtml() {}

  static String of(StudyFacts facts) {
    MainTag page =
        main(p("Measured under load with inferc").withClass("eyebrow"), h1(facts.result().title()));
    LoadVerdictHtml.write(page, facts);
    LoadLatencyHtml.write(page, facts);
    LoadLimitHtml.write(page, facts);
    LoadServingHtml.write(page, facts);
    LoadStreamHtml.write(page, facts);
    LoadCostHtml.write(page, facts);
    LoadTrustHtml.write(page, facts);
    LoadOriginHtml.write(page, facts);
    return HtmlPage.of(facts.result().title(), page);
  }
}
