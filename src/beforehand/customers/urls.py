from django.urls import path

from beforehand.customers.views import merging, person, review

app_name = "customers"
urlpatterns = [
    path("customers/review", review.ReviewView.as_view(), name="review"),
    path("customers/edges/<int:pk>/approval", review.ApprovalView.as_view(), name="approval"),
    path("customers/edges/<int:pk>/revocation", review.RevocationView.as_view(), name="revocation"),
    path("customers/edges/<int:pk>/restoration", review.RestorationView.as_view(), name="restoration"),
    path("customers/<int:pk>/merge", merging.MergeView.as_view(), name="merge"),
    path("customers/<int:pk>/export", person.ExportView.as_view(), name="export"),
    path("customers/<int:pk>/erasure", person.ErasureView.as_view(), name="erasure"),
]
