"""Where the boards are."""

from django.urls import path

from beforehand.insight.views import (
    breaks,
    causes,
    filterbar,
    map,
    measures,
    needs,
    report,
    saved,
    segments,
    table,
    touchpoint,
    variants,
)
from beforehand.lib import paths  # noqa: F401

app_name = "insight"
urlpatterns = [
    path("journey", map.MapView.as_view(), name="map"),
    path("journey/table", table.TableView.as_view(), name="table"),
    path("journey/transitions.csv", table.TransitionsCsv.as_view(), name="transitions"),
    path("journey/variants", variants.VariantsView.as_view(), name="variants"),
    path("journey/stages", table.StagesView.as_view(), name="stages"),
    path("journey/touchpoints/<path:name>", touchpoint.TouchpointView.as_view(), name="touchpoint"),
    path("journey/flow", touchpoint.FlowView.as_view(), name="flow"),
    path("needs", needs.NeedsView.as_view(), name="needs"),
    path("needs/<slug:kind>", needs.NeedView.as_view(), name="need"),
    path("needs/<slug:kind>/trend", needs.NeedTrendView.as_view(), name="need_trend"),
    path("measures", measures.MeasuresView.as_view(), name="measures"),
    path("measures/<slug:slug>", measures.MeasureView.as_view(), name="measure"),
    path("measures/<slug:slug>/line", measures.LineView.as_view(), name="line"),
    path("measures/<slug:slug>/split", measures.SplitView.as_view(), name="split"),
    path("measures/<slug:slug>/rows", measures.RowsView.as_view(), name="rows"),
    path("measures/<slug:slug>/rows.csv", measures.RowsCsv.as_view(), name="rows-csv"),
    path("scores", measures.ScoresView.as_view(), name="scores"),
    path("causes", causes.CausesView.as_view(), name="causes"),
    path("causes/<key:pk>", causes.CauseView.as_view(), name="cause"),
    path("breaks", breaks.BreaksView.as_view(), name="breaks"),
    path("breaks/<int:pk>", breaks.BreakView.as_view(), name="break"),
    path("breaks/<int:pk>/course", breaks.CourseView.as_view(), name="course"),
    path("breaks/<int:pk>/dismissal", breaks.DismissalView.as_view(), name="dismissal"),
    path("report", report.ReportView.as_view(), name="report"),
    path("filterbar", filterbar.FilterBarView.as_view(), name="filterbar"),
    path("segments", segments.SegmentsView.as_view(), name="segments"),
    path("segments/saved", saved.SavedSegmentsView.as_view(), name="saved_segments"),
    path("segments/saved/new", saved.SegmentFormView.as_view(), name="new_segment"),
    path("segments/saved/<key:pk>", saved.SegmentFormView.as_view(), name="saved_segment"),
    path("segments/saved/<key:pk>/removal", saved.SegmentRemovalView.as_view(), name="segment_removal"),
]
