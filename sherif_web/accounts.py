"""The account pages that exist here: those of allauth that nobody needs without e-mail addresses stay closed."""

from allauth.account import views
from django.urls import URLPattern, URLResolver, include, path

from alerts.views import entrance

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    # No link by e-mail or text: who holds her phone would read it. A code that was given beforehand, or face to face.
    path("password/reset/", entrance.recover, name="account_reset_password"),
    path("", include("allauth.mfa.urls")),
]
