from django.urls import path

from beforehand.customers.views import merging, person, review
from beforehand.lib import paths  # noqa: F401

app_name = "customers"
urlpatterns = [
    path("customers/review", review.ReviewView.as_view(), name="review"),
    path("customers/edges/<key:pk>/approval", review.ApprovalView.as_view(), name="approval"),
    path("customers/edges/<key:pk>/revocation", review.RevocationView.as_view(), name="revocation"),
    path("customers/edges/<key:pk>/restoration", review.RestorationView.as_view(), name="restoration"),
    path("customers/<key:pk>/merge", merging.MergeView.as_view(), name="merge"),
    path("customers/<key:pk>/export", person.ExportView.as_view(), name="export"),
    path("customers/<key:pk>/consent", person.ConsentView.as_view(), name="consent"),
    path("customers/<key:pk>/erasure", person.ErasureView.as_view(), name="erasure"),
]
